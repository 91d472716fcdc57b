/**
 * What the read models answer. `api/` turns these into Docker's JSON; nothing here is wire
 * format.
 */

import type {
  ContainerConfig,
  HostConfig,
  ImageRef,
  SecretRef,
} from '../machines/container.config.ts';
import type { MountPoint } from '../machines/container.mounts.ts';
import type { ExecConfig } from '../machines/exec.facts.ts';
import type { HealthStatus } from '../machines/health.facts.ts';
import type { StagedImage } from '../machines/image.facts.ts';
import type { Attachment, Endpoint, NetworkConfig } from '../machines/network.config.ts';
import type { VolumeRef } from '../machines/volume.claims.ts';
import type { VolumeData } from '../machines/volume.facts.ts';

/** Docker's `State.Status`. */
export type ContainerStatus =
  | 'created'
  | 'running'
  | 'paused'
  | 'restarting'
  | 'removing'
  | 'exited'
  | 'dead';

/** What is known of a container whose health is or was checked. */
export interface HealthView {
  readonly status: HealthStatus;
  /** Failures in a row, those after it became unhealthy left out. */
  readonly streak: number;
  /** The run that it is of. */
  readonly run: number;
}

/** What list needs of a container: one row, no config document. */
export interface ContainerSummary {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly status: ContainerStatus;
  /** The machine's own state value, e.g. `stopping` or `exited.cleaning`. */
  readonly phase: string;
  readonly removed: boolean;
  /** As the user named it. */
  readonly image: string;
  readonly imageId: string;
  /** Entrypoint and arguments. */
  readonly argv: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly networkMode: string;
  readonly createdNs: bigint;
  readonly startedNs: bigint | null;
  readonly finishedNs: bigint | null;
  /** null: never exited, or unknown. `exitKnown` tells which. */
  readonly exitCode: number | null;
  readonly exitKnown: boolean;
  readonly pid: number;
  readonly run: number;
  /** null: it was never checked. */
  readonly health: HealthView | null;
}

export interface ContainerDetails extends ContainerSummary {
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly imageRef: ImageRef;
  readonly env: readonly SecretRef[];
  readonly platform: string;
  readonly snapshotter: string;
  /** Docker's `State.Error`. */
  readonly error: string;
  readonly oomKilled: boolean;
  readonly restartCount: number;
  readonly warnings: readonly string[];
  readonly mounts: readonly MountPoint[];
}

export type Resolution =
  | { readonly kind: 'found'; readonly id: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous' };

export interface ContainerQueries {
  /** Newest first; removed ones left out. */
  list(): readonly ContainerSummary[];
  /** Also answers for removed containers, by full id. */
  get(id: string): ContainerDetails | undefined;
  /** Docker's order: full id, exact name (leading slash allowed), unique id prefix. */
  resolve(ref: string): Resolution;
  /** The same, and then those that were removed, by id or unique prefix of it. */
  resolveEver(ref: string): Resolution;
  /** Of one that is there; undefined: none, or a removed one. Cheap. */
  statusOf(id: string): ContainerStatus | undefined;
  /** What is mounted in it; cheap. */
  mountsOf(id: string): readonly MountPoint[];
  counts(): { readonly running: number; readonly paused: number; readonly stopped: number };
}

export interface ExecView {
  readonly id: string;
  readonly container: string;
  readonly config: ExecConfig;
  readonly running: boolean;
  readonly pid: number;
  /** It has ended, or could not be started. */
  readonly over: boolean;
  /** null: not over, or over and unknown. */
  readonly exitCode: number | null;
}

export interface ExecQueries {
  /** By its full id. */
  get(id: string): ExecView | undefined;
  /** Execs of the container's present run that are not over and cleaned up; oldest first. */
  idsOf(container: string): readonly string[];
}

export interface VolumeView extends VolumeData {
  readonly createdNs: bigint;
}

export interface VolumeQueries {
  /** Those that are there, by name. */
  list(): readonly VolumeView[];
  get(name: string): VolumeView | undefined;
  /** Also answers for removed volumes. */
  ever(volume: VolumeRef): VolumeView | undefined;
  /** Highest incarnation that the name ever had; 0: none. */
  newest(name: string): number;
  /** Those that a container took along and that are there still. */
  doomed(): readonly VolumeView[];
  /** Those without a name of their own. */
  madeForContainers(): readonly VolumeView[];
}

export interface ImageView extends StagedImage {
  /** References that point to it now (a newer image may have taken some). */
  readonly tags: readonly string[];
  readonly loadedNs: bigint;
  /** When it got a reference last. */
  readonly taggedNs: bigint;
}

export interface ImageQueries {
  list(): readonly ImageView[];
  /** By reference (normalised by the caller), `sha256:<hex>`, or hex prefix of the id. */
  byReference(reference: string): ImageView | undefined;
  byId(idOrPrefix: string): ImageView | 'ambiguous' | undefined;
  /** Also answers for removed images, by `sha256:<hex>`. */
  get(id: string): ImageView | undefined;
}

export interface NetworkView extends NetworkConfig {
  readonly createdNs: bigint;
}

/** What a container wants and has of networks. */
export interface ContainerPlaces {
  readonly id: string;
  /** Of its latest run. */
  readonly run: number;
  readonly networks: readonly Attachment[];
  /** null: it does not run, or has none. */
  readonly endpoints: readonly Endpoint[] | null;
}

export interface NetworkQueries {
  /** Those that are there, newest first. */
  list(): readonly NetworkView[];
  /** Also answers for removed ones, by full id. */
  get(id: string): NetworkView | undefined;
  placesOf(container: string): ContainerPlaces | undefined;
  /** Of all containers that have a place now. */
  livePlaces(): readonly ContainerPlaces[];
}
