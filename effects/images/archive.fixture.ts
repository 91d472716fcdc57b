/**
 * Builds `docker save` archives in memory, in the shapes that docker has written over the years.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

export interface TarEntry {
  readonly name: string;
  readonly data?: Buffer | string;
  readonly type?: 'file' | 'symlink' | 'link' | 'directory';
  readonly linkname?: string;
  readonly mode?: number;
}

export async function tar(entries: readonly TarEntry[]): Promise<Buffer> {
  const stream = pack();
  for (const { name, data, type = 'file', linkname, mode = 0o644 } of entries) {
    const common = { name, type, mode, mtime: new Date(0) };
    if (linkname !== undefined) stream.entry({ ...common, linkname });
    else stream.entry(common, Buffer.from(data ?? ''));
  }
  stream.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export const hexOf = (data: Buffer | string): string =>
  createHash('sha256').update(data).digest('hex');

export interface TestImage {
  readonly layers: readonly Buffer[];
  readonly config: Buffer;
  readonly id: string;
  readonly diffIds: readonly string[];
}

/** A runnable image: one layer with busybox, one with a text file. */
export async function busyboxImage(note = 'hello'): Promise<TestImage> {
  const base = await tar([
    { name: 'bin/', type: 'directory', mode: 0o755 },
    { name: 'bin/busybox', data: readFileSync('/bin/busybox'), mode: 0o755 },
    { name: 'bin/sh', type: 'symlink', linkname: 'busybox' },
    { name: 'proc/', type: 'directory', mode: 0o755 },
  ]);
  const top = await tar([{ name: 'note', data: note }]);
  return imageOf([base, top]);
}

export function imageOf(layers: readonly Buffer[], changes: object = {}): TestImage {
  const diffIds = layers.map((layer) => `sha256:${hexOf(layer)}`);
  const config = Buffer.from(
    JSON.stringify({
      created: '2024-01-02T03:04:05Z',
      architecture: 'amd64',
      os: 'linux',
      author: 'somebody',
      config: { Cmd: ['/bin/sh'], Env: ['PATH=/bin'] },
      rootfs: { type: 'layers', diff_ids: diffIds },
      history: [],
      ...changes,
    }),
  );
  return { layers, config, id: `sha256:${hexOf(config)}`, diffIds };
}

interface Named {
  readonly image: TestImage;
  readonly tags: readonly string[] | null;
}

/** `<id>/layer.tar`, config beside; a layer that was there before is a symbolic link. */
export function oldLayout(images: readonly Named[]): TarEntry[] {
  const entries: TarEntry[] = [];
  const seen = new Map<string, string>();
  const manifest = images.map(({ image, tags }, number) => {
    const config = `${hexOf(image.config)}.json`;
    entries.push({ name: config, data: image.config });
    const names = image.layers.map((layer, index) => {
      const name = `${number}${index}${hexOf(layer)}/layer.tar`;
      const before = seen.get(hexOf(layer));
      if (before) entries.push({ name, type: 'symlink', linkname: `../${before}` });
      else entries.push({ name, data: layer });
      seen.set(hexOf(layer), before ?? name);
      return name;
    });
    return { Config: config, RepoTags: tags, Layers: names };
  });
  return [...entries, { name: 'manifest.json', data: JSON.stringify(manifest) }];
}

/** `blobs/sha256/<hex>`, layers compressed when asked. */
export function blobLayout(images: readonly Named[], compressed = false): TarEntry[] {
  const entries: TarEntry[] = [{ name: 'blobs/', type: 'directory', mode: 0o755 }];
  const add = (data: Buffer): string => {
    const name = `blobs/sha256/${hexOf(data)}`;
    entries.push({ name, data });
    return name;
  };
  const manifest = images.map(({ image, tags }) => ({
    Config: add(image.config),
    RepoTags: tags,
    Layers: image.layers.map((layer) => add(compressed ? gzipSync(layer) : layer)),
  }));
  return [{ name: 'manifest.json', data: JSON.stringify(manifest) }, ...entries];
}

/** In pieces of an awkward size, as a socket would give it. */
export function streamOf(data: Buffer, size = 30_011): Readable {
  const pieces = Array.from({ length: Math.ceil(data.length / size) }, (_, index) =>
    data.subarray(index * size, (index + 1) * size),
  );
  return Readable.from(pieces, { objectMode: false });
}
