/** Snapshots: layered file systems by key. A snapshot that no lease or record holds is garbage. */
import type { Channel } from '../channel.ts';
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
  type Mounts = { readonly mounts: readonly WireMount[] };
  const ask = async (name: string, request: object, options?: CallOptions): Promise<Mount[]> =>
    (await channel.unary<Mounts>(of(name), request, options)).mounts.map(toMount);
  return {
    prepare: (snapshot, options) => ask('Prepare', { ...snapshot }, options),
    view: (snapshot, options) => ask('View', { ...snapshot }, options),
    mounts: (snapshot, options) => ask('Mounts', { ...snapshot }, options),
    async commit(snapshot, options) {
      await channel.unary(of('Commit'), { ...snapshot }, options, walkDeadlineMs);
    },
    async remove(snapshot, options) {
      await channel.unary(of('Remove'), { ...snapshot }, options, walkDeadlineMs);
    },
    async stat(snapshot, options) {
      type Answer = { readonly info: WireInfo };
      return fromInfo((await channel.unary<Answer>(of('Stat'), { ...snapshot }, options)).info);
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
      const answer = await channel.unary<Answer>(
        of('Usage'),
        { ...snapshot },
        options,
        walkDeadlineMs,
      );
      return { size: Number(answer.size), inodes: Number(answer.inodes) };
    },
  };
}

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
