/** Leases: what keeps content and snapshots from the garbage collector. */
import type { Channel } from '../channel.ts';
import { Objects } from '../objects.ts';
import { method } from '../proto.ts';
import type { WireTimestamp } from '../timestamps.ts';
import { toNs } from '../timestamps.ts';
import type { CallOptions, Labels, Lease, LeaseResource } from '../types.ts';

interface WireLease {
  readonly id: string;
  readonly created_at: WireTimestamp | null;
  readonly labels: Labels;
}

export interface Leases {
  /**
   * @param labels e.g. `containerd.io/gc.expire` with an RFC 3339 time.
   * @throws ContainerdError `already-exists`
   */
  create(id: string, labels?: Labels, options?: CallOptions): Promise<Lease>;
  /** With `sync` the collector has run when this resolves. @throws ContainerdError `not-found` */
  delete(id: string, options?: CallOptions & { readonly sync?: boolean }): Promise<void>;
  list(filters?: readonly string[], options?: CallOptions): Promise<Lease[]>;
  addResource(id: string, resource: LeaseResource, options?: CallOptions): Promise<void>;
  listResources(id: string, options?: CallOptions): Promise<LeaseResource[]>;
}

const of = (name: string) => method('leases.v1.Leases', name);
const collectDeadlineMs = 60_000;

export function leases(channel: Channel): Leases {
  const objects = new Objects(channel);
  return {
    async create(id, labels = {}, options) {
      type Answer = { readonly lease: WireLease };
      const answer = await objects.change<Answer>(id, of('Create'), { id, labels }, options);
      return fromWire(answer.lease);
    },
    async delete(id, options = {}) {
      const request = { id, sync: options.sync ?? false };
      await objects.change(id, of('Delete'), request, options, collectDeadlineMs);
    },
    async list(filters = [], options) {
      type Answer = { readonly leases: readonly WireLease[] };
      const answer = await channel.unary<Answer>(of('List'), { filters }, options);
      return answer.leases.map(fromWire);
    },
    async addResource(id, resource, options) {
      await objects.change(id, of('AddResource'), { id, resource }, options);
    },
    async listResources(id, options) {
      type Answer = { readonly resources: readonly LeaseResource[] };
      const answer = await objects.look<Answer>(id, of('ListResources'), { id }, options);
      return answer.resources.map((resource) => ({ id: resource.id, type: resource.type }));
    },
  };
}

function fromWire(wire: WireLease): Lease {
  return { id: wire.id, labels: wire.labels, createdAtNs: toNs(wire.created_at) };
}
