/**
 * Protobuf objects as proto-loader gives and takes them: names of the wire, 64-bit numbers as
 * decimal digits. Only the services of this folder see them.
 */
import type { Descriptor, Labels, Mount } from './types.ts';

export type Empty = Record<string, never>;

export interface WireDescriptor {
  readonly media_type: string;
  readonly digest: string;
  readonly size: string | number;
}

export interface WireMount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly options: readonly string[];
}

/** What field mask updates take: paths such as `labels` or `labels.<key>`. */
export interface WireMask {
  readonly paths: readonly string[];
}

export const nothing: Empty = {};

export function toDescriptor(wire: WireDescriptor | null): Descriptor {
  if (!wire) return { mediaType: '', digest: '', size: 0 };
  return { mediaType: wire.media_type, digest: wire.digest, size: Number(wire.size) };
}

export function fromDescriptor(descriptor: Descriptor): WireDescriptor {
  return { media_type: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size };
}

export function toMount(wire: WireMount): Mount {
  return { type: wire.type, source: wire.source, target: wire.target, options: wire.options };
}

export function fromMount(mount: Mount): WireMount {
  return { ...mount };
}

/** Mask of single labels, so that others' labels stay as they are. */
export function labelMask(labels: Labels): WireMask {
  return { paths: Object.keys(labels).map((key) => `labels.${key}`) };
}
