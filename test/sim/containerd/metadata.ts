/**
 * The simulated metadata services: records, leases, images, content, snapshots. Each call is done
 * in one moment, as a transaction of containerd's database is.
 */

import { encodeSpec } from '../../../effects/containerd/any.ts';
import type {
  CallOptions,
  ContainerRecord,
  ContentInfo,
  ImageRecord,
  Labels,
  Mount,
  NewContainer,
  NewContent,
  NewImage,
  NewSnapshot,
  SnapshotInfo,
} from '../../../effects/containerd/types.ts';
import { collect } from './collector.ts';
import { found, fresh, type Metadata, matches, refuse, relabelled } from './state.ts';

export class MetadataService {
  readonly state: Metadata;
  readonly #nowNs: () => bigint;
  #numbers = 0;

  constructor(state: Metadata, nowNs: () => bigint) {
    this.state = state;
    this.#nowNs = nowNs;
  }

  getRecord(id: string): ContainerRecord {
    return found(this.state.records, 'container', id);
  }

  listRecords(filters: readonly string[]): ContainerRecord[] {
    return [...this.state.records.values()].filter(({ id, labels }) =>
      matches(filters, { id }, labels),
    );
  }

  createRecord(container: NewContainer): ContainerRecord {
    fresh(this.state.records, 'container', container.id);
    const now = this.#nowNs();
    const { runtime, spec } = container;
    const record: ContainerRecord = {
      ...container,
      runtime: { name: runtime.name, options: runtime.options ?? null },
      spec: encodeSpec(spec),
      createdAtNs: now,
      updatedAtNs: now,
    };
    this.state.records.set(container.id, record);
    return record;
  }

  updateRecord(id: string, labels: Labels): ContainerRecord {
    const record = this.getRecord(id);
    const changed = { ...record, labels: relabelled(record.labels, labels) };
    this.state.records.set(id, { ...changed, updatedAtNs: this.#nowNs() });
    return changed;
  }

  deleteRecord(id: string): void {
    this.getRecord(id);
    this.state.records.delete(id);
    collect(this.state);
  }

  createLease(id: string, labels: Labels) {
    fresh(this.state.leases, 'lease', id);
    const lease = { id, labels, createdAtNs: this.#nowNs(), holds: new Set<string>() };
    this.state.leases.set(id, lease);
    return { id, labels, createdAtNs: lease.createdAtNs };
  }

  deleteLease(id: string): void {
    found(this.state.leases, 'lease', id);
    this.state.leases.delete(id);
    collect(this.state);
  }

  #hold(lease: string | undefined, what: string): void {
    if (lease === undefined || lease === '') return;
    found(this.state.leases, 'lease', lease).holds.add(what);
  }

  #checkLease({ lease }: CallOptions): void {
    if (lease !== undefined && lease !== '') found(this.state.leases, 'lease', lease);
  }

  prepare(wanted: NewSnapshot, kind: 'active' | 'view', options: CallOptions = {}): Mount[] {
    const { key, parent, labels = {} } = wanted;
    fresh(this.state.snapshots, 'snapshot', key);
    if (parent !== '' && found(this.state.snapshots, 'snapshot', parent).kind !== 'committed') {
      refuse('invalid-argument', `parent "${parent}" is not committed: invalid argument`);
    }
    this.#checkLease(options);
    const now = this.#nowNs();
    const times = { createdAtNs: now, updatedAtNs: now };
    this.#numbers += 1;
    const number = this.#numbers;
    this.state.snapshots.set(key, { name: key, parent, kind, labels, number, ...times });
    this.#hold(options.lease, `snapshot ${key}`);
    return this.mounts(key);
  }

  mounts(key: string): Mount[] {
    const { number, kind } = found(this.state.snapshots, 'snapshot', key);
    if (kind === 'committed') {
      refuse('failed-precondition', `snapshot ${key} is committed: failed precondition`);
    }
    const options = [`upperdir=/snapshots/${number}/fs`, `workdir=/snapshots/${number}/work`];
    return [{ type: 'overlay', source: 'overlay', target: '', options }];
  }

  /** Labels and leases are those of this call; what the active one had it has no more. */
  commit(key: string, name: string, labels: Labels = {}, options: CallOptions = {}): void {
    fresh(this.state.snapshots, 'snapshot', name);
    this.#checkLease(options);
    const active = found(this.state.snapshots, 'snapshot', key);
    this.state.snapshots.delete(key);
    this.state.snapshots.set(name, { ...active, name, kind: 'committed', labels });
    this.#hold(options.lease, `snapshot ${name}`);
  }

  remove(key: string): void {
    found(this.state.snapshots, 'snapshot', key);
    if ([...this.state.snapshots.values()].some(({ parent }) => parent === key)) {
      refuse('failed-precondition', `cannot remove snapshot with child: failed precondition`);
    }
    this.state.snapshots.delete(key);
    for (const { holds } of this.state.leases.values()) holds.delete(`snapshot ${key}`);
    collect(this.state);
  }

  stat(key: string): SnapshotInfo {
    const { number: _, ...info } = found(this.state.snapshots, 'snapshot', key);
    return info;
  }

  getImage(name: string): ImageRecord {
    return found(this.state.images, 'image', name);
  }

  createImage(image: NewImage): ImageRecord {
    fresh(this.state.images, 'image', image.name);
    return this.#putImage(image);
  }

  updateImage(image: NewImage): ImageRecord {
    this.getImage(image.name);
    return this.#putImage(image);
  }

  #putImage(image: NewImage): ImageRecord {
    const now = this.#nowNs();
    const record = { ...image, createdAtNs: now, updatedAtNs: now };
    this.state.images.set(image.name, record);
    return record;
  }

  deleteImage(name: string): void {
    this.getImage(name);
    this.state.images.delete(name);
    collect(this.state);
  }

  info(digest: string): ContentInfo {
    return found(this.state.blobs, 'content', digest);
  }

  write({ digest, size, labels = {} }: NewContent, options: CallOptions = {}): void {
    this.#checkLease(options);
    const known = this.state.blobs.get(digest);
    const now = this.#nowNs();
    this.state.blobs.set(digest, {
      digest,
      size,
      labels: relabelled(known?.labels ?? {}, labels),
      createdAtNs: known?.createdAtNs ?? now,
      updatedAtNs: now,
    });
    this.#hold(options.lease, `content ${digest}`);
  }

  relabelContent(digest: string, labels: Labels): ContentInfo {
    const blob = this.info(digest);
    const changed = { ...blob, labels: relabelled(blob.labels, labels) };
    this.state.blobs.set(digest, changed);
    return changed;
  }

  deleteContent(digest: string): void {
    this.info(digest);
    this.state.blobs.delete(digest);
    collect(this.state);
  }
}
