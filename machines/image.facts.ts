/**
 * What can happen to an image. Stream `image/<config digest>`; the blobs themselves are
 * containerd's.
 */
import type { Fact, JsonObject } from './words.ts';

export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:<hex>`. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** An image whose blobs lie in the content store and whose layers are unpacked, under a lease. */
export interface StagedImage {
  /** `sha256:<digest of the config blob>`: docker's image id. */
  readonly id: string;
  /** The manifest that containerd's image record shall point to. */
  readonly target: Descriptor;
  /** Normalised references with a tag, e.g. `docker.io/library/busybox:latest`; may be empty. */
  readonly references: readonly string[];
  /** Chain id of the top layer; empty without layers. */
  readonly chainId: string;
  readonly diffIds: readonly string[];
  /** Sum of the unpacked layers, bytes. */
  readonly size: number;
  /** The image's `created`, RFC 3339 as given; empty if it has none. */
  readonly created: string;
  readonly architecture: string;
  readonly os: string;
  readonly variant: string;
  readonly author: string;
  /** The `config` object of the image's config blob (Env, Cmd, Entrypoint, Labels, …). */
  readonly config: JsonObject;
}

export type ImageFact =
  | Fact<'image.load-requested', StagedImage & { readonly lease: string }>
  | Fact<'image.loaded', { readonly references: readonly string[] }>
  | Fact<'image.load-failed', { readonly message: string }>
  /** Another image took the reference, or it was removed. */
  | Fact<'image.untagged', { readonly reference: string }>;

export type ImageFactType = ImageFact['type'];
