/** What a simulated containerd holds of one namespace, and what it says when it refuses. */
import { ContainerdError, type ContainerdErrorCode } from '../../../effects/containerd/errors.ts';
import type {
  ContainerRecord,
  ContentInfo,
  ImageRecord,
  Labels,
  SnapshotInfo,
} from '../../../effects/containerd/types.ts';

/** A record as it is stored; the client's are copies. */
export type StoredRecord = ContainerRecord;

export interface StoredSnapshot extends SnapshotInfo {
  /** Counts the snapshots that were ever made: where its files lie. */
  readonly number: number;
}

export interface StoredLease {
  readonly id: string;
  readonly labels: Labels;
  readonly createdAtNs: bigint;
  /** `snapshot <key>`, `content <digest>`. */
  readonly holds: Set<string>;
}

export interface Metadata {
  readonly records: Map<string, StoredRecord>;
  readonly snapshots: Map<string, StoredSnapshot>;
  readonly leases: Map<string, StoredLease>;
  readonly images: Map<string, ImageRecord>;
  readonly blobs: Map<string, ContentInfo>;
  readonly namespaces: Map<string, Labels>;
}

export function emptyMetadata(): Metadata {
  return {
    records: new Map(),
    snapshots: new Map(),
    leases: new Map(),
    images: new Map(),
    blobs: new Map(),
    namespaces: new Map(),
  };
}

export function refuse(code: ContainerdErrorCode, message: string): never {
  throw new ContainerdError(code, message);
}

/** The one called `key`, or `not-found` in containerd's words. */
export function found<T>(map: ReadonlyMap<string, T>, kind: string, key: string): T {
  const one = map.get(key);
  return one ?? refuse('not-found', `${kind} "${key}" in namespace "sim": not found`);
}

export function fresh<T>(map: ReadonlyMap<string, T>, kind: string, key: string): void {
  if (map.has(key)) refuse('already-exists', `${kind} "${key}": already exists`);
}

/** Sets single labels; an empty value takes the label away. */
export function relabelled(labels: Labels, changes: Labels): Labels {
  const all = Object.entries({ ...labels, ...changes });
  return Object.fromEntries(all.filter(([, value]) => value !== ''));
}

/**
 * `labels."key"==value`, `labels."key"` (it is there), `id==value`, `name==value`; the parts of
 * one, between commas, AND-ed.
 */
export function matches(
  filters: readonly string[],
  fields: Readonly<Record<string, string>>,
  labels: Labels,
): boolean {
  if (filters.length === 0) return true;
  return filters.some((filter) =>
    filter.split(',').every((part) => {
      const [, key = part, value] = /^(.+?)==(.*)$/.exec(part) ?? [];
      const label = /^labels\."?(.+?)"?$/.exec(key)?.[1];
      const there = label === undefined ? fields[key] : labels[label];
      return value === undefined ? there !== undefined : there === value;
    }),
  );
}
