/**
 * What goes in and comes out of the containerd client, in our own shapes. No protobuf object leaves
 * this folder: times are nanoseconds since 1970 as bigint (null: not set), digests `sha256:<hex>`,
 * sizes bytes, labels plain records.
 */
import type { Descriptor } from '../../machines/image.facts.ts';

export type { Descriptor };
export type Labels = Readonly<Record<string, string>>;

/** Options of every call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the call fails with `deadline`; null: never. Default by method. */
  readonly deadlineMs?: number | null | undefined;
  /** Everything the call creates is held by this lease. */
  readonly lease?: string | undefined;
}

/** A protobuf Any: the bare full name of the message and its bytes. See any.ts for the makers. */
export interface EncodedAny {
  readonly typeUrl: string;
  readonly value: Buffer;
}

export interface Mount {
  readonly type: string;
  readonly source: string;
  /** Below the root of the container; empty: the root itself. */
  readonly target: string;
  readonly options: readonly string[];
}

export interface NewContainer {
  readonly id: string;
  readonly labels: Labels;
  /** Name of the image record, or empty. */
  readonly image: string;
  readonly runtime: { readonly name: string; readonly options?: EncodedAny | undefined };
  /** OCI runtime configuration, stored as JSON. */
  readonly spec: object;
  readonly snapshotter: string;
  readonly snapshotKey: string;
}

export interface ContainerRecord {
  readonly id: string;
  readonly labels: Labels;
  readonly image: string;
  readonly runtime: { readonly name: string; readonly options: EncodedAny | null };
  readonly spec: EncodedAny | null;
  readonly snapshotter: string;
  readonly snapshotKey: string;
  readonly createdAtNs: bigint | null;
  readonly updatedAtNs: bigint | null;
}

/** The process of a container (`execId` absent or empty) or of an exec in it. */
export interface ProcessRef {
  readonly containerId: string;
  readonly execId?: string | undefined;
}

/** FIFO paths or log URIs; empty: none. With a terminal, stderr is empty. */
export interface Stdio {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
}

export interface NewTask extends Stdio {
  readonly containerId: string;
  readonly rootfs: readonly Mount[];
  /** Overrides the options of the container's record. */
  readonly options?: EncodedAny | undefined;
}

export interface NewExec extends Stdio {
  readonly containerId: string;
  readonly execId: string;
  /** OCI runtime `process` object, sent as JSON. */
  readonly spec: object;
}

export type TaskStatus = 'unknown' | 'created' | 'running' | 'stopped' | 'paused' | 'pausing';

export interface TaskProcess extends Stdio {
  /** Container id, or exec id of an exec's process. */
  readonly id: string;
  readonly pid: number;
  readonly status: TaskStatus;
  readonly exitStatus: number;
  readonly exitedAtNs: bigint | null;
}

export interface TaskExit {
  readonly exitStatus: number;
  readonly exitedAtNs: bigint | null;
}

export interface DeletedTask extends TaskExit {
  readonly id: string;
  readonly pid: number;
}

/** Which snapshot, of which snapshotter. */
export interface SnapshotRef {
  readonly snapshotter: string;
  readonly key: string;
}

export interface NewSnapshot extends SnapshotRef {
  /** Name of a committed snapshot; empty: none. */
  readonly parent: string;
  readonly labels?: Labels | undefined;
}

export type SnapshotKind = 'unknown' | 'view' | 'active' | 'committed';

export interface SnapshotInfo {
  readonly name: string;
  readonly parent: string;
  readonly kind: SnapshotKind;
  readonly labels: Labels;
  readonly createdAtNs: bigint | null;
  readonly updatedAtNs: bigint | null;
}

export interface SnapshotUsage {
  readonly size: number;
  readonly inodes: number;
}

export interface ImageRecord {
  readonly name: string;
  readonly labels: Labels;
  readonly target: Descriptor;
  readonly createdAtNs: bigint | null;
  readonly updatedAtNs: bigint | null;
}

export type NewImage = Pick<ImageRecord, 'name' | 'labels' | 'target'>;

export interface ContentInfo {
  readonly digest: string;
  readonly size: number;
  readonly labels: Labels;
  readonly createdAtNs: bigint | null;
  readonly updatedAtNs: bigint | null;
}

export interface NewContent {
  /** Name of the upload; one writer at a time. */
  readonly ref: string;
  readonly digest: string;
  readonly size: number;
  readonly labels?: Labels | undefined;
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface Lease {
  readonly id: string;
  readonly labels: Labels;
  readonly createdAtNs: bigint | null;
}

/** `type`: `content`, `snapshots/<snapshotter>`, `ingests`. */
export interface LeaseResource {
  readonly id: string;
  readonly type: string;
}

export interface Namespace {
  readonly name: string;
  readonly labels: Labels;
}

export interface VersionInfo {
  readonly version: string;
  readonly revision: string;
}

export interface PluginInfo {
  readonly type: string;
  readonly id: string;
  readonly exports: Labels;
  readonly capabilities: readonly string[];
  /** Why it is not at work; null: it is. */
  readonly initError: string | null;
}

/** An event that we know, decoded. Hints to look, never the truth. */
export type EventBody =
  | { readonly kind: 'task-create'; readonly containerId: string; readonly pid: number }
  | { readonly kind: 'task-start'; readonly containerId: string; readonly pid: number }
  | {
      readonly kind: 'task-exit' | 'task-delete';
      readonly containerId: string;
      /** Exec id; the container's own id, or empty, for its main process. */
      readonly id: string;
      readonly pid: number;
      readonly exitStatus: number;
      readonly exitedAtNs: bigint | null;
    }
  | { readonly kind: 'task-oom' | 'task-paused' | 'task-resumed'; readonly containerId: string }
  | { readonly kind: 'exec-added'; readonly containerId: string; readonly execId: string }
  | {
      readonly kind: 'exec-started';
      readonly containerId: string;
      readonly execId: string;
      readonly pid: number;
    }
  | { readonly kind: 'container-create' | 'container-delete'; readonly containerId: string }
  | { readonly kind: 'other'; readonly payload: EncodedAny };

export interface ContainerdEvent {
  readonly topic: string;
  readonly namespace: string;
  readonly atNs: bigint | null;
  readonly body: EventBody;
}

/** `lost` from the moment the socket breaks until a new connection stands. */
export type ConnectionState = 'connected' | 'lost';
