/** Container records: metadata only, no process. */
import type { WireAny } from '../any.ts';
import { encodeSpec, fromWireAny, toWireAny } from '../any.ts';
import type { Channel } from '../channel.ts';
import { Objects } from '../objects.ts';
import { method } from '../proto.ts';
import type { WireTimestamp } from '../timestamps.ts';
import { toNs } from '../timestamps.ts';
import type { CallOptions, ContainerRecord, Labels, NewContainer } from '../types.ts';
import { labelMask } from '../wire.ts';

interface WireContainer {
  readonly id: string;
  readonly labels: Labels;
  readonly image: string;
  readonly runtime: { readonly name: string; readonly options: WireAny | null } | null;
  readonly spec: WireAny | null;
  readonly snapshotter: string;
  readonly snapshot_key: string;
  readonly created_at: WireTimestamp | null;
  readonly updated_at: WireTimestamp | null;
}

export interface Containers {
  /** @throws ContainerdError `not-found` */
  get(id: string, options?: CallOptions): Promise<ContainerRecord>;
  /** @param filters containerd's filter language, OR-ed; none: all of the namespace. */
  list(filters?: readonly string[], options?: CallOptions): Promise<ContainerRecord[]>;
  /** @throws ContainerdError `already-exists` */
  create(container: NewContainer, options?: CallOptions): Promise<ContainerRecord>;
  /** Sets single labels; an empty value takes the label away. */
  update(id: string, labels: Labels, options?: CallOptions): Promise<ContainerRecord>;
  /** Succeeds while a task runs, which is then out of reach: delete the task first. */
  delete(id: string, options?: CallOptions): Promise<void>;
}

const of = (name: string) => method('containers.v1.Containers', name);

export function containers(channel: Channel): Containers {
  type One = { readonly container: WireContainer };
  type Many = { readonly containers: readonly WireContainer[] };
  const records = new Objects(channel);
  return {
    async get(id, options) {
      return fromWire((await records.look<One>(id, of('Get'), { id }, options)).container);
    },
    async list(filters = [], options) {
      const answer = await channel.unary<Many>(of('List'), { filters }, options);
      return answer.containers.map(fromWire);
    },
    async create(container, options) {
      const request = { container: toWire(container) };
      const answer = await records.change<One>(container.id, of('Create'), request, options);
      return fromWire(answer.container);
    },
    async update(id, labels, options) {
      const request = { container: { id, labels }, update_mask: labelMask(labels) };
      return fromWire((await records.change<One>(id, of('Update'), request, options)).container);
    },
    async delete(id, options) {
      await records.change(id, of('Delete'), { id }, options);
    },
  };
}

function toWire(container: NewContainer): object {
  return {
    id: container.id,
    labels: container.labels,
    image: container.image,
    runtime: { name: container.runtime.name, options: toWireAny(container.runtime.options) },
    spec: toWireAny(encodeSpec(container.spec)),
    snapshotter: container.snapshotter,
    snapshot_key: container.snapshotKey,
  };
}

function fromWire(wire: WireContainer): ContainerRecord {
  return {
    id: wire.id,
    labels: wire.labels,
    image: wire.image,
    runtime: { name: wire.runtime?.name ?? '', options: fromWireAny(wire.runtime?.options) },
    spec: fromWireAny(wire.spec),
    snapshotter: wire.snapshotter,
    snapshotKey: wire.snapshot_key,
    createdAtNs: toNs(wire.created_at),
    updatedAtNs: toNs(wire.updated_at),
  };
}
