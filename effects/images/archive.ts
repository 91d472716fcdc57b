/**
 * What a `docker save` archive says of its images, checked against the bytes: number of layers, the
 * digest of each, references. After this nothing of the archive has to be trusted.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { normalise, parseReference } from '../../machines/reference.ts';
import type { JsonValue } from '../../machines/words.ts';
import { sha256 } from './chainId.ts';
import { type Compression, compressionOfFile, decompressor } from './compression.ts';
import { type ImageConfig, isObject, parseImageConfig, parseJson } from './imageConfig.ts';
import { LoadError } from './loadError.ts';
import type { Spool, SpooledFile } from './spool.ts';

export interface ArchiveLayer {
  readonly file: SpooledFile;
  readonly compression: Compression;
  /** Digest of the uncompressed tar. */
  readonly diffId: string;
}

export interface ArchiveImage {
  /** Digest of the config: docker's image id. */
  readonly id: string;
  readonly configBytes: Buffer;
  readonly config: ImageConfig;
  readonly references: readonly string[];
  readonly layers: readonly ArchiveLayer[];
}

interface ManifestEntry {
  readonly config: string;
  readonly tags: readonly string[];
  readonly layers: readonly string[];
}

const longestJson = 8 * 1024 * 1024;

/** @throws LoadError */
export async function readArchive(spool: Spool, signal?: AbortSignal): Promise<ArchiveImage[]> {
  const file = spool.find('manifest.json');
  if (!file) throw new LoadError('invalid archive: does not contain a manifest.json');
  const manifest = parseManifest(await readJson(file, 'manifest.json'));
  const layers = new LayerReader(spool, signal);
  const found: ArchiveImage[] = [];
  for (const entry of manifest) found.push(await readImage(spool, entry, layers));
  return found;
}

async function readImage(
  spool: Spool,
  entry: ManifestEntry,
  layers: LayerReader,
): Promise<ArchiveImage> {
  const file = lookUp(spool, entry.config);
  const configBytes = await readBytes(file, entry.config);
  checkName(entry.config, file);
  const config = parseImageConfig(configBytes);
  const { diffIds } = config;
  if (diffIds.length !== entry.layers.length) {
    throw new LoadError(
      `invalid manifest, layers length mismatch: expected ${diffIds.length}, ` +
        `got ${entry.layers.length}`,
    );
  }
  const read: ArchiveLayer[] = [];
  for (const [index, name] of entry.layers.entries()) {
    const layer = await layers.read(name);
    const expected = diffIds[index] ?? '';
    if (layer.diffId !== expected) {
      throw new LoadError(
        `layer ${name}: digest mismatch: expected ${expected}, got ${layer.diffId}`,
      );
    }
    read.push(layer);
  }
  const references = entry.tags.map(tagOf);
  return { id: sha256(configBytes), configBytes, config, references, layers: read };
}

/** Digests each layer once, however many images share it. */
class LayerReader {
  readonly #spool: Spool;
  readonly #signal: AbortSignal | undefined;
  readonly #known = new Map<string, ArchiveLayer>();

  constructor(spool: Spool, signal: AbortSignal | undefined) {
    this.#spool = spool;
    this.#signal = signal;
  }

  async read(name: string): Promise<ArchiveLayer> {
    const file = lookUp(this.#spool, name);
    checkName(name, file);
    const known = this.#known.get(file.path);
    if (known) return known;
    const compression = await compressionOfFile(file.path);
    const diffId =
      compression === 'none' ? file.digest : await this.#uncompressed(name, file, compression);
    const layer = { file, compression, diffId };
    this.#known.set(file.path, layer);
    return layer;
  }

  async #uncompressed(name: string, file: SpooledFile, compression: Compression): Promise<string> {
    const unpack = decompressor(compression);
    if (!unpack) return file.digest;
    const hash = createHash('sha256');
    const options = this.#signal ? { signal: this.#signal } : {};
    try {
      await pipeline(createReadStream(file.path), unpack, hash, options);
    } catch (error) {
      this.#signal?.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      throw new LoadError(`layer ${name}: ${why}`, { cause: error });
    }
    return `sha256:${hash.digest('hex')}`;
  }
}

function parseManifest(value: JsonValue): ManifestEntry[] {
  if (!Array.isArray(value)) throw new LoadError('invalid archive: manifest.json is not a list');
  return value.map((entry: JsonValue) => {
    const config = isObject(entry) ? entry['Config'] : undefined;
    const tags = isObject(entry) ? strings(entry['RepoTags'] ?? []) : undefined;
    const layers = isObject(entry) ? strings(entry['Layers'] ?? []) : undefined;
    if (typeof config !== 'string' || config === '' || !tags || !layers) {
      throw new LoadError('invalid archive: an entry of manifest.json lacks Config or Layers');
    }
    return { config, tags, layers };
  });
}

function strings(value: JsonValue): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((item) => typeof item === 'string') ? value : undefined;
}

function tagOf(text: string): string {
  const parsed = parseReference(text);
  if (!parsed) throw new LoadError('invalid reference format');
  const full = normalise(text);
  if (full === undefined || parsed.digest !== undefined) {
    throw new LoadError(`invalid tag ${JSON.stringify(text)}`);
  }
  return full;
}

function lookUp(spool: Spool, name: string): SpooledFile {
  const file = spool.find(name);
  if (!file) throw new LoadError(`invalid archive: ${name}: no such file`);
  return file;
}

/** A blob that is named by its digest must have it. */
function checkName(name: string, file: SpooledFile): void {
  const match = /(?:^|\/)blobs\/sha256\/([0-9a-f]{64})$/.exec(name);
  if (!match || file.digest === `sha256:${match[1]}`) return;
  throw new LoadError(`${name}: digest mismatch: got ${file.digest}`);
}

async function readBytes(file: SpooledFile, name: string): Promise<Buffer> {
  if (file.size > longestJson) throw new LoadError(`invalid archive: ${name} is too large`);
  return readFile(file.path);
}

async function readJson(file: SpooledFile, name: string): Promise<JsonValue> {
  return parseJson(await readBytes(file, name), name);
}
