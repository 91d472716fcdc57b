/**
 * Writes an image into containerd: config, layers, a manifest over them, and the unpacked layers.
 * All of it under a lease; labels make each blob keep those that it needs.
 */
import { createReadStream } from 'node:fs';
import type { StagedImage } from '../../machines/image.facts.ts';
import type { Descriptor, Labels } from '../containerd/types.ts';
import type { ArchiveImage } from './archive.ts';
import type { ArchiveLayer } from './archiveLayers.ts';
import { chainIds, sha256 } from './chainId.ts';
import type { Compression } from './compression.ts';
import { type Layer, type UnpackTarget, unpackLayer } from './unpack.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const configType = 'application/vnd.oci.image.config.v1+json';
const layerTypes: Readonly<Record<Compression, string>> = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
};

/** Bytes on their way into the content store. */
interface Blob {
  readonly descriptor: Descriptor;
  readonly labels: Labels;
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/**
 * @param base the lowest layers of the image, if they lie in containerd already
 * @throws ContainerdError, LoadError; what is there by then is the lease's.
 */
export async function ingest(
  target: UnpackTarget,
  image: ArchiveImage,
  base: readonly Descriptor[] = [],
): Promise<StagedImage> {
  const { diffIds } = image.config;
  const chain = chainIds(diffIds);
  const layers = [...base, ...image.layers.map(descriptorOf)].map((descriptor, index) => ({
    descriptor,
    diffId: diffIds[index] ?? '',
    chainId: chain[index] ?? '',
    parent: chain[index - 1] ?? '',
  }));
  for (const layer of layers.slice(0, base.length)) await keep(target, layer);
  for (const [index, layer] of layers.slice(base.length).entries()) {
    const file = image.layers[index]?.file.path ?? '';
    await write(target, {
      descriptor: layer.descriptor,
      labels: { 'containerd.io/uncompressed': layer.diffId },
      chunks: bytesOf(file),
    });
    await unpackLayer(target, layer);
  }
  const chainId = chain.at(-1) ?? '';
  const manifest = await writeManifest(target, image, layers, chainId);
  const layerSizes = await unpackedSizes(target, chain);
  const blobs = [manifest.size, image.configBytes.length, ...layers.map(sizeOf)];
  const { diffIds: _, ...said } = image.config;
  return {
    ...said,
    id: image.id,
    target: manifest,
    references: image.references,
    chainId,
    diffIds,
    size: sum(layerSizes),
    layerSizes,
    contentSize: sum(blobs),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const sizeOf = ({ descriptor }: Layer): number => descriptor.size;

/** Config and manifest: the archive's own, byte for byte, or one made over the layers. */
async function writeManifest(
  target: UnpackTarget,
  image: ArchiveImage,
  layers: readonly Layer[],
  chainId: string,
): Promise<Descriptor> {
  const snapshot = `containerd.io/gc.ref.snapshot.${target.snapshotter}`;
  const configLabels: Labels = chainId === '' ? {} : { [snapshot]: chainId };
  const config = { mediaType: configType, digest: image.id, size: image.configBytes.length };
  await write(target, { descriptor: config, labels: configLabels, chunks: [image.configBytes] });
  const { descriptor, bytes } = image.manifest ?? madeManifest(config, layers);
  const labels: Record<string, string> = { 'containerd.io/gc.ref.content.config': config.digest };
  for (const [index, layer] of layers.entries()) {
    labels[`containerd.io/gc.ref.content.l.${index}`] = layer.descriptor.digest;
  }
  await write(target, { descriptor, labels, chunks: [bytes] });
  return descriptor;
}

function madeManifest(config: Descriptor, layers: readonly Layer[]) {
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config,
      layers: layers.map((layer) => layer.descriptor),
    }),
  );
  return {
    bytes,
    descriptor: { mediaType: manifestType, digest: sha256(bytes), size: bytes.length },
  };
}

/** The ref is the lease's own, so that two loads of the same layer do not wait for each other. */
async function write(target: UnpackTarget, blob: Blob): Promise<void> {
  const { client, lease, signal } = target;
  const { digest, size } = blob.descriptor;
  await client.leases.addResource(lease, { id: digest, type: 'content' }, { signal });
  await client.content.write(
    { ref: `${lease}-${digest}`, digest, size, labels: blob.labels, chunks: blob.chunks },
    { signal, lease },
  );
}

/** Opens the file only when it is read from: content that is there already is not. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: 1024 * 1024 });
}

/** Of each layer by itself, bytes. */
async function unpackedSizes(
  { client, snapshotter }: UnpackTarget,
  chain: readonly string[],
): Promise<number[]> {
  const sizes: number[] = [];
  for (const key of chain) sizes.push((await client.snapshots.usage({ snapshotter, key })).size);
  return sizes;
}

function descriptorOf({ file, compression }: ArchiveLayer): Descriptor {
  return { mediaType: layerTypes[compression], digest: file.digest, size: file.size };
}

/** What is there must stay until the image that it is of is published. */
async function keep(target: UnpackTarget, layer: Layer): Promise<void> {
  const { client, lease, signal } = target;
  const resource = { id: layer.descriptor.digest, type: 'content' };
  await client.leases.addResource(lease, resource, { signal });
  await unpackLayer(target, layer);
}
