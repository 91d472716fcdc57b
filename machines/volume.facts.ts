/** What can happen to a volume. Stream `volume/<name>#<incarnation>`: a name can come again. */
import type { ContainerId, Fact } from './words.ts';

export interface VolumeData {
  /** `[a-zA-Z0-9][a-zA-Z0-9_.-]+` */
  readonly name: string;
  /** The how manieth volume of this name, from 1. */
  readonly incarnation: number;
  readonly driver: 'local';
  /** Options of the driver (`type`, `device`, `o`); null: none were given. */
  readonly options: Readonly<Record<string, string>> | null;
  readonly labels: Readonly<Record<string, string>> | null;
  /** Nobody gave it a name. */
  readonly anonymous: boolean;
  /** It was made for this container, and goes if that never comes to be; null: for nobody. */
  readonly container: ContainerId | null;
}

export type VolumeFact =
  | Fact<'volume.create-requested', VolumeData>
  | Fact<'volume.created', Record<string, never>>
  | Fact<'volume.create-failed', { readonly message: string }>
  | Fact<'volume.remove-requested', Record<string, never>>
  | Fact<'volume.removed', Record<string, never>>
  | Fact<'volume.remove-failed', { readonly message: string }>;

export type VolumeFactType = VolumeFact['type'];
