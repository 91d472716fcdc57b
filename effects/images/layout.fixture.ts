/** Builds OCI image layouts in memory, as other tools than docker write them. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { hexOf, type TarEntry, type TestImage } from './archive.fixture.ts';

export type Packing = 'none' | 'gzip' | 'zstd';

export interface LayoutImage {
  readonly image: TestImage;
  /** `io.containerd.image.name`. */
  readonly name?: string;
  /** `org.opencontainers.image.ref.name`. */
  readonly ref?: string;
  readonly packing?: Packing;
  /** With others of the same `nested` below one index of their own. */
  readonly nested?: string;
  readonly architecture?: string;
}

const pack = {
  none: (data: Buffer): Buffer => data,
  gzip: (data: Buffer): Buffer => gzipSync(data),
  zstd: (data: Buffer): Buffer => zstdCompressSync(data),
};
const suffix = { none: '', gzip: '+gzip', zstd: '+zstd' };
const oci = 'application/vnd.oci.image';

export interface Layout {
  readonly entries: readonly TarEntry[];
  /** Digests of the manifests, in the order of the images. */
  readonly manifests: readonly string[];
}

export function ociLayout(images: readonly LayoutImage[]): Layout {
  const blobs = new Map<string, Buffer>();
  const add = (data: Buffer, mediaType: string) => {
    const hex = hexOf(data);
    blobs.set(`blobs/sha256/${hex}`, data);
    return { mediaType, digest: `sha256:${hex}`, size: data.length };
  };
  const index = (manifests: readonly object[]) =>
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: `${oci}.index.v1+json`, manifests }));
  const described = images.map(({ image, packing = 'none', architecture = 'amd64' }) => {
    const config = add(image.config, `${oci}.config.v1+json`);
    const layers = image.layers.map((layer) =>
      add(pack[packing](layer), `${oci}.layer.v1.tar${suffix[packing]}`),
    );
    const mediaType = `${oci}.manifest.v1+json`;
    // Unlike shiplog's own: so it shows whether the bytes were kept.
    const text = JSON.stringify({
      annotations: { made: 'here' },
      layers,
      config,
      schemaVersion: 2,
    });
    return { ...add(Buffer.from(text), mediaType), platform: { os: 'linux', architecture } };
  });
  const annotated = (descriptor: object, { name, ref }: LayoutImage) => ({
    ...descriptor,
    annotations: {
      ...(name === undefined ? {} : { 'io.containerd.image.name': name }),
      ...(ref === undefined ? {} : { 'org.opencontainers.image.ref.name': ref }),
    },
  });
  const top = images.flatMap((image, at) => {
    if (image.nested === undefined) return [annotated(described[at] ?? {}, image)];
    if (images.findIndex(({ nested }) => nested === image.nested) !== at) return [];
    const inside = described.filter((_, other) => images[other]?.nested === image.nested);
    return [annotated(add(index(inside), `${oci}.index.v1+json`), image)];
  });
  const files = [...blobs].map(([name, data]) => ({ name, data }));
  return {
    entries: [
      { name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' },
      ...files,
      { name: 'index.json', data: index(top) },
    ],
    manifests: described.map(({ digest }) => digest),
  };
}
