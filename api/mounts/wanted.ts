/** A mount as asked for, before its volume is found or made. */
import type { MountPoint } from '../../machines/container.mounts.ts';

export interface WantedVolume {
  /** null: one of its own, without a name. */
  readonly name: string | null;
  /** Of the request; empty: any. */
  readonly driver: string;
  readonly options: Readonly<Record<string, string>> | null;
  readonly labels: Readonly<Record<string, string>> | null;
}

export interface WantedMount {
  readonly point: Omit<MountPoint, 'volume' | 'anonymous' | 'driverOptions'>;
  /** Absent: no volume is mounted. */
  readonly volume?: WantedVolume;
  /** One that is there already, of another container. */
  readonly given?: Pick<MountPoint, 'volume' | 'driverOptions'>;
}
