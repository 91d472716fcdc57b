/**
 * Writes an image into containerd: config, layers, a manifest over them, and the unpacked layers.
 * All of it under a lease; labels make each blob keep those that it needs.
 */
import { createReadStream } from 'node:fs';
import type { StagedImage } from '../../machines/image.facts.ts';
import type { Containerd } from '../containerd/client.ts';
import type { Descriptor, Labels } from '../containerd/types.ts';
import type { ArchiveImage, ArchiveLayer } from './archive.ts';
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

/** @throws ContainerdError, LoadError; what is there by then is the lease's. */
export async function ingest(target: UnpackTarget, image: ArchiveImage): Promise<StagedImage> {
  const chain = chainIds(image.config.diffIds);
  const layers = image.layers.map((layer, index) => describe(layer, chain, index));
  const chainId = chain.at(-1) ?? '';
  for (const [index, layer] of layers.entries()) {
    const file = image.layers[index]?.file.path ?? '';
    await write(target, {
      descriptor: layer.descriptor,
      labels: { 'containerd.io/uncompressed': layer.diffId },
      chunks: bytesOf(file),
    });
    await unpackLayer(target, layer);
  }
  const config = { mediaType: configType, digest: image.id, size: image.configBytes.length };
  const manifest = await writeManifest(target, image, config, layers, chainId);
  const { config: facts } = image;
  return {
    id: image.id,
    target: manifest,
    references: image.references,
    chainId,
    diffIds: facts.diffIds,
    size: await unpackedSize(target.client, target.snapshotter, chain),
    created: facts.created,
    architecture: facts.architecture,
    os: facts.os,
    variant: facts.variant,
    author: facts.author,
    config: facts.config,
  };
}

async function writeManifest(
  target: UnpackTarget,
  image: ArchiveImage,
  config: Descriptor,
  layers: readonly Layer[],
  chainId: string,
): Promise<Descriptor> {
  const snapshot = `containerd.io/gc.ref.snapshot.${target.snapshotter}`;
  const configLabels: Labels = chainId === '' ? {} : { [snapshot]: chainId };
  await write(target, { descriptor: config, labels: configLabels, chunks: [image.configBytes] });
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config,
      layers: layers.map((layer) => layer.descriptor),
    }),
  );
  const descriptor = { mediaType: manifestType, digest: sha256(bytes), size: bytes.length };
  const labels: Record<string, string> = { 'containerd.io/gc.ref.content.config': config.digest };
  for (const [index, layer] of layers.entries()) {
    labels[`containerd.io/gc.ref.content.l.${index}`] = layer.descriptor.digest;
  }
  await write(target, { descriptor, labels, chunks: [bytes] });
  return descriptor;
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

async function unpackedSize(
  client: Containerd,
  snapshotter: string,
  chain: readonly string[],
): Promise<number> {
  let size = 0;
  for (const key of chain) size += (await client.snapshots.usage({ snapshotter, key })).size;
  return size;
}

function describe(layer: ArchiveLayer, chain: readonly string[], index: number): Layer {
  const { digest, size } = layer.file;
  return {
    descriptor: { mediaType: layerTypes[layer.compression], digest, size },
    diffId: layer.diffId,
    chainId: chain[index] ?? '',
    parent: chain[index - 1] ?? '',
  };
}
