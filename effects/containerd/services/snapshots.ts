/** Snapshots: layered file systems by key. A snapshot that no lease or record holds is garbage. */
import type { Channel } from '../channel.ts';
import { Objects } from '../objects.ts';
import { method } from '../proto.ts';
import type { WireTimestamp } from '../timestamps.ts';
import { toNs } from '../timestamps.ts';
import type {
  CallOptions,
  Labels,
  Mount,
  NewSnapshot,
  SnapshotInfo,
  SnapshotKind,
  SnapshotRef,
  SnapshotUsage,
} from '../types.ts';
import type { WireMount } from '../wire.ts';
import { toMount } from '../wire.ts';

type WireKind = 'UNKNOWN' | 'VIEW' | 'ACTIVE' | 'COMMITTED';

interface WireInfo {
  readonly name: string;
  readonly parent: string;
  readonly kind: WireKind;
  readonly created_at: WireTimestamp | null;
  readonly updated_at: WireTimestamp | null;
  readonly labels: Labels;
}

interface Mounts {
  readonly mounts: readonly WireMount[];
}

export interface Snapshots {
  /** A writable snapshot. @throws ContainerdError `already-exists`: ask for its mounts then. */
  prepare(snapshot: NewSnapshot, options?: CallOptions): Promise<Mount[]>;
  /** A read-only snapshot. */
  view(snapshot: NewSnapshot, options?: CallOptions): Promise<Mount[]>;
  mounts(snapshot: SnapshotRef, options?: CallOptions): Promise<Mount[]>;
  /** Makes the active snapshot `key` a committed one under `name`. */
  commit(
    snapshot: SnapshotRef & { readonly name: string; readonly labels?: Labels | undefined },
    options?: CallOptions,
  ): Promise<void>;
  /** @throws ContainerdError `failed-precondition` while it has children, `not-found` */
  remove(snapshot: SnapshotRef, options?: CallOptions): Promise<void>;
  stat(snapshot: SnapshotRef, options?: CallOptions): Promise<SnapshotInfo>;
  list(
    snapshotter: string,
    filters?: readonly string[],
    options?: CallOptions,
  ): Promise<SnapshotInfo[]>;
  /** Of this snapshot alone, without its parents. Bytes. */
  usage(snapshot: SnapshotRef, options?: CallOptions): Promise<SnapshotUsage>;
}

const of = (name: string) => method('snapshots.v1.Snapshots', name);
/** Commit and usage walk the files, removal deletes them. */
const walkDeadlineMs = 60_000;

const kinds: Readonly<Record<WireKind, SnapshotKind>> = {
  UNKNOWN: 'unknown',
  VIEW: 'view',
  ACTIVE: 'active',
  COMMITTED: 'committed',
};

export function snapshots(channel: Channel): Snapshots {
  const objects = new Objects(channel);
  const look = <R extends object>(name: string, snapshot: SnapshotRef, options?: CallOptions) =>
    objects.look<R>(nameOf(snapshot), of(name), { ...snapshot }, options);
  const change = <R extends object>(
    name: string,
    snapshot: SnapshotRef,
    options?: CallOptions,
    deadlineMs?: number,
  ) => objects.change<R>(nameOf(snapshot), of(name), { ...snapshot }, options, deadlineMs);
  return {
    prepare: async (snapshot, options) =>
      mountsOf(await change<Mounts>('Prepare', snapshot, options)),
    view: async (snapshot, options) => mountsOf(await change<Mounts>('View', snapshot, options)),
    mounts: async (snapshot, options) => mountsOf(await look<Mounts>('Mounts', snapshot, options)),
    async commit(snapshot, options) {
      await change('Commit', snapshot, options, walkDeadlineMs);
    },
    async remove(snapshot, options) {
      await change('Remove', snapshot, options, walkDeadlineMs);
    },
    async stat(snapshot, options) {
      type Answer = { readonly info: WireInfo };
      return fromInfo((await look<Answer>('Stat', snapshot, options)).info);
    },
    async list(snapshotter, filters = [], options) {
      type Page = { readonly info: readonly WireInfo[] };
      const found: SnapshotInfo[] = [];
      const request = { snapshotter, filters };
      for await (const page of channel.stream<Page>(of('List'), request, options)) {
        found.push(...page.info.map(fromInfo));
      }
      return found;
    },
    async usage(snapshot, options) {
      type Answer = { readonly size: string; readonly inodes: string };
      const request = { ...snapshot };
      const answer = await channel.unary<Answer>(of('Usage'), request, options, walkDeadlineMs);
      return { size: Number(answer.size), inodes: Number(answer.inodes) };
    },
  };
}

const mountsOf = ({ mounts }: Mounts): Mount[] => mounts.map(toMount);

/** As it is while it can be changed; a commit gives it another one. */
const nameOf = ({ snapshotter, key }: SnapshotRef): string => `${snapshotter} ${key}`;

function fromInfo(wire: WireInfo): SnapshotInfo {
  return {
    name: wire.name,
    parent: wire.parent,
    kind: kinds[wire.kind] ?? 'unknown',
    labels: wire.labels,
    createdAtNs: toNs(wire.created_at),
    updatedAtNs: toNs(wire.updated_at),
  };
}
