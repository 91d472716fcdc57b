/** containerd's namespaces. */
import type { Channel } from '../channel.ts';
import { method } from '../proto.ts';
import type { CallOptions, Labels, Namespace } from '../types.ts';
import { labelMask } from '../wire.ts';

export interface Namespaces {
  /** A missing one has no labels and is no error; only `list` tells whether it is there. */
  get(name: string, options?: CallOptions): Promise<Namespace>;
  list(options?: CallOptions): Promise<Namespace[]>;
  /** @throws ContainerdError `already-exists` */
  create(name: string, labels: Labels, options?: CallOptions): Promise<Namespace>;
  /** Sets single labels. */
  update(name: string, labels: Labels, options?: CallOptions): Promise<Namespace>;
}

const of = (name: string) => method('namespaces.v1.Namespaces', name);

export function namespaces(channel: Channel): Namespaces {
  type One = { readonly namespace: Namespace };
  const one = async (name: string, request: object, options?: CallOptions): Promise<Namespace> =>
    copy((await channel.unary<One>(of(name), request, options)).namespace);
  return {
    get: (name, options) => one('Get', { name }, options),
    create: (name, labels, options) => one('Create', { namespace: { name, labels } }, options),
    update: (name, labels, options) =>
      one('Update', { namespace: { name, labels }, update_mask: labelMask(labels) }, options),
    async list(options) {
      type Many = { readonly namespaces: readonly Namespace[] };
      return (await channel.unary<Many>(of('List'), {}, options)).namespaces.map(copy);
    },
  };
}

function copy(wire: Namespace): Namespace {
  return { name: wire.name, labels: wire.labels };
}
