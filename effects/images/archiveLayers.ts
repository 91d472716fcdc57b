/** Digests each layer of an archive once, however many images share it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { lookUp } from './archiveFiles.ts';
import { type Compression, compressionOfFile, decompressor } from './compression.ts';
import { damageOf, LoadError } from './loadError.ts';
import type { Spool, SpooledFile } from './spool.ts';

export interface ArchiveLayer {
  readonly file: SpooledFile;
  readonly compression: Compression;
  /** Digest of the uncompressed tar. */
  readonly diffId: string;
}

export class LayerReader {
  readonly #spool: Spool;
  readonly #signal: AbortSignal | undefined;
  readonly #known = new Map<string, ArchiveLayer>();

  constructor(spool: Spool, signal: AbortSignal | undefined) {
    this.#spool = spool;
    this.#signal = signal;
  }

  /** The layers of one image, which must be those that its config names. @throws LoadError */
  async all(names: readonly string[], diffIds: readonly string[]): Promise<ArchiveLayer[]> {
    if (diffIds.length !== names.length) {
      throw new LoadError(
        `invalid manifest, layers length mismatch: expected ${diffIds.length}, got ${names.length}`,
      );
    }
    const found: ArchiveLayer[] = [];
    for (const [index, name] of names.entries()) {
      const layer = await this.#read(name);
      const expected = diffIds[index] ?? '';
      if (layer.diffId !== expected) {
        throw new LoadError(
          `layer ${name}: digest mismatch: expected ${expected}, got ${layer.diffId}`,
        );
      }
      found.push(layer);
    }
    return found;
  }

  async #read(name: string): Promise<ArchiveLayer> {
    const file = lookUp(this.#spool, name);
    const known = this.#known.get(file.path);
    if (known) return known;
    const layer = await readLayer(file, name, this.#signal);
    this.#known.set(file.path, layer);
    return layer;
  }
}

/** @param name for the error. @throws LoadError if it is damaged. */
export async function readLayer(
  file: SpooledFile,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ArchiveLayer> {
  const compression = await compressionOfFile(file.path);
  const unpack = decompressor(compression);
  if (!unpack) return { file, compression, diffId: file.digest };
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file.path), unpack, hash, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw new LoadError(`layer ${name}: ${damageOf(error)}`, { cause: error });
  }
  return { file, compression, diffId: `sha256:${hash.digest('hex')}` };
}
