/** Image records: names that point to a manifest, and keep what it refers to. */
import type { Channel } from '../channel.ts';
import { Objects } from '../objects.ts';
import { method } from '../proto.ts';
import type { WireTimestamp } from '../timestamps.ts';
import { toNs } from '../timestamps.ts';
import type { CallOptions, ImageRecord, Labels, NewImage } from '../types.ts';
import type { WireDescriptor } from '../wire.ts';
import { fromDescriptor, toDescriptor } from '../wire.ts';

interface WireImage {
  readonly name: string;
  readonly labels: Labels;
  readonly target: WireDescriptor | null;
  readonly created_at: WireTimestamp | null;
  readonly updated_at: WireTimestamp | null;
}

export interface Images {
  /** @throws ContainerdError `not-found` */
  get(name: string, options?: CallOptions): Promise<ImageRecord>;
  /** Who looks for all records of an image must not miss one that comes late. */
  list(filters?: readonly string[], options?: CallOptions): Promise<ImageRecord[]>;
  /** @throws ContainerdError `already-exists` */
  create(image: NewImage, options?: CallOptions): Promise<ImageRecord>;
  /** Replaces target and labels. @throws ContainerdError `not-found` */
  update(image: NewImage, options?: CallOptions): Promise<ImageRecord>;
  /** With `sync` the collector has run when this resolves. */
  delete(name: string, options?: CallOptions & { readonly sync?: boolean }): Promise<void>;
}

const of = (name: string) => method('images.v1.Images', name);
const collectDeadlineMs = 60_000;

export function images(channel: Channel): Images {
  type One = { readonly image: WireImage };
  const records = new Objects(channel);
  return {
    async get(name, options) {
      return fromWire((await records.look<One>(name, of('Get'), { name }, options)).image);
    },
    async list(filters = [], options) {
      type Many = { readonly images: readonly WireImage[] };
      const answer = await records.look<Many>(null, of('List'), { filters }, options);
      return answer.images.map(fromWire);
    },
    async create(image, options) {
      const request = { image: toWire(image) };
      const answer = await records.change<One>(image.name, of('Create'), request, options);
      return fromWire(answer.image);
    },
    async update(image, options) {
      const request = { image: toWire(image), update_mask: { paths: ['labels', 'target'] } };
      const answer = await records.change<One>(image.name, of('Update'), request, options);
      return fromWire(answer.image);
    },
    async delete(name, options = {}) {
      const request = { name, sync: options.sync ?? false };
      await records.change(name, of('Delete'), request, options, collectDeadlineMs);
    },
  };
}

function toWire(image: NewImage): object {
  return { name: image.name, labels: image.labels, target: fromDescriptor(image.target) };
}

function fromWire(wire: WireImage): ImageRecord {
  return {
    name: wire.name,
    labels: wire.labels,
    target: toDescriptor(wire.target),
    createdAtNs: toNs(wire.created_at),
    updatedAtNs: toNs(wire.updated_at),
  };
}
