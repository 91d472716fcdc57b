/** What is mounted in a container, as resolved once when it was created. */
import { type VolumeRef, volumeShare } from './volume.claims.ts';
import type { Claim, ContainerId } from './words.ts';

/** How read-only it is below: `plain` its top alone, `forced` all or no start; else if it goes. */
export type ReadOnlyDepth = 'plain' | 'forced';

export interface MountPoint {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  /** Absolute, in the container. */
  readonly destination: string;
  readonly readWrite: boolean;
  /** On the host, of a bind; else empty. */
  readonly source: string;
  /** Words as given after the target, as inspect shows them; `z` for a named volume without any. */
  readonly mode: string;
  /** `rprivate` and its like; empty: not said. */
  readonly propagation: string;
  /** Of a volume. */
  readonly volume?: VolumeRef;
  /** Of the volume's driver, if it has any. */
  readonly driverOptions?: Readonly<Record<string, string>>;
  /** Below the volume's root. */
  readonly subpath?: string;
  /** The volume is nobody's but this container's, which may take it along. */
  readonly anonymous?: true;
  /** What the image has there is copied into a volume that is empty. */
  readonly copyUp?: true;
  /** The bind's source is made if it is missing. */
  readonly makeSource?: true;
  /** What is mounted below the source stays out. */
  readonly flat?: true;
  readonly readOnly?: ReadOnlyDepth;
  /** Of a tmpfs: as the kernel and docker write them. */
  readonly options?: readonly string[];
}

export type Mounted = { readonly mounts?: readonly MountPoint[] };

/** Each volume once. */
export function volumesOf({ mounts = [] }: Mounted): readonly VolumeRef[] {
  const found = new Map<string, VolumeRef>();
  for (const { volume } of mounts) if (volume !== undefined) found.set(volume.name, volume);
  return [...found.values()];
}

export const volumeShares = (mounted: Mounted, container: ContainerId): readonly Claim[] =>
  volumesOf(mounted).map((volume) => volumeShare(volume, container));
