/** Unpacks a layer into a mounted snapshot; containerd does the mounting. */
import type { Descriptor } from '../../../machines/image.facts.ts';
import type { Channel } from '../channel.ts';
import { method } from '../proto.ts';
import type { CallOptions, Mount } from '../types.ts';
import type { WireDescriptor } from '../wire.ts';
import { fromDescriptor, fromMount, toDescriptor } from '../wire.ts';

export interface Diff {
  /** @returns descriptor of the uncompressed tar: its digest is the layer's diff id. */
  apply(layer: Descriptor, mounts: readonly Mount[], options?: CallOptions): Promise<Descriptor>;
}

/** A layer of some gigabytes on a slow disk. */
const applyDeadlineMs = 600_000;

export function diff(channel: Channel): Diff {
  return {
    async apply(layer, mounts, options) {
      type Answer = { readonly applied: WireDescriptor | null };
      const request = { diff: fromDescriptor(layer), mounts: mounts.map(fromMount) };
      const apply = method('diff.v1.Diff', 'Apply');
      const answer = await channel.unary<Answer>(apply, request, options, applyDeadlineMs);
      return toDescriptor(answer.applied);
    },
  };
}
