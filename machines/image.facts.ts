/**
 * What can happen to an image. Stream `image/<config digest>`; the blobs themselves are
 * containerd's.
 */
import type { SecretRef } from './container.config.ts';
import type { Fact, JsonObject } from './words.ts';

export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:<hex>`. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** One step of how an image was made, as its maker wrote it down. */
export interface HistoryEntry {
  /** RFC 3339 as given; empty if it does not say. */
  readonly created: string;
  readonly createdBy: string;
  readonly comment: string;
  /** It made no layer. */
  readonly empty: boolean;
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
  /**
   * The `config` object of the image's config blob (Cmd, Entrypoint, Labels, …), without the
   * environment where that is in `env`.
   */
  readonly config: JsonObject;
  /** The values lie outside of the log; absent: there are none, or `config.Env` has them. */
  readonly env?: readonly SecretRef[];
  /** Oldest step first; absent in rows of before it was kept. */
  readonly history?: readonly HistoryEntry[];
  /** Unpacked bytes of each layer, base first; absent in rows of before. */
  readonly layerSizes?: readonly number[];
  /** Bytes of the blobs: layers as they were given, config, manifest; absent in rows of before. */
  readonly contentSize?: number;
  readonly comment?: string;
}

/** How the image came here; absent in rows of before it was kept: by `load`. */
export type ImageOrigin = 'load' | 'import' | 'commit';

export type ImageFact =
  | Fact<
      'image.load-requested',
      StagedImage & { readonly lease: string; readonly origin?: ImageOrigin }
    >
  | Fact<'image.loaded', { readonly references: readonly string[]; readonly origin?: ImageOrigin }>
  | Fact<'image.load-failed', { readonly message: string }>
  | Fact<'image.tagged', { readonly reference: string }>
  /**
   * The reference points to it no longer. `by` absent: another image took it. `untag`: it was
   * removed, and its record in containerd is to go. `removal`: the whole image is about to go.
   */
  | Fact<
      'image.untagged',
      { readonly reference: string; readonly by?: 'untag' | 'removal' | undefined }
    >
  /** containerd's record of a reference is as the log says. */
  | Fact<'image.reference-settled', { readonly reference: string }>
  | Fact<'image.reference-failed', { readonly reference: string; readonly message: string }>
  | Fact<'image.remove-requested', Record<string, never>>
  | Fact<'image.removed', Record<string, never>>
  | Fact<'image.remove-failed', { readonly message: string }>
  /** It was written into an archive. */
  | Fact<'image.saved', Record<string, never>>;

export type ImageFactType = ImageFact['type'];
