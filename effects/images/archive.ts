/**
 * What an image archive says of its images, checked against the bytes: number of layers, the digest
 * of each, references. After this nothing of the archive has to be trusted. Two forms: docker's own
 * with `manifest.json`, and the OCI layout with `index.json`; an archive that has both is read by
 * docker's list, and the layout gives the manifests.
 */
import { normalise, parseReference } from '../../machines/reference.ts';
import type { JsonValue } from '../../machines/words.ts';
import { blobPath, lookUp, readBytes, readJson } from './archiveFiles.ts';
import { type ArchiveLayer, LayerReader } from './archiveLayers.ts';
import {
  type ArchiveManifest,
  hasLayout,
  type LaidOutImage,
  type Platform,
  readLayout,
} from './archiveLayout.ts';
import { sha256 } from './chainId.ts';
import { type ImageConfig, isObject, parseImageConfig } from './imageConfig.ts';
import { LoadError } from './loadError.ts';
import type { Spool } from './spool.ts';

export interface ArchiveImage {
  /** Digest of the config: docker's image id. */
  readonly id: string;
  readonly configBytes: Buffer;
  readonly config: ImageConfig;
  readonly references: readonly string[];
  readonly layers: readonly ArchiveLayer[];
  /** null: the archive has none, and one is made. */
  readonly manifest: ArchiveManifest | null;
}

interface ManifestEntry {
  readonly config: string;
  readonly tags: readonly string[];
  readonly layers: readonly string[];
}

const MANIFEST = 'manifest.json';

/** Each image once, with all its references. @throws LoadError */
export async function readArchive(
  spool: Spool,
  platform: Platform,
  signal?: AbortSignal,
): Promise<ArchiveImage[]> {
  const hasManifest = spool.find(MANIFEST) !== undefined;
  if (!hasManifest && !hasLayout(spool)) {
    throw new LoadError('invalid archive: does not contain a manifest.json');
  }
  const layers = new LayerReader(spool, signal);
  const laidOut = hasLayout(spool) ? await layoutOf(spool, platform, hasManifest) : [];
  const found: ArchiveImage[] = [];
  if (!hasManifest) {
    for (const image of laidOut) found.push(await fromLayout(spool, image, layers));
    return merged(found);
  }
  for (const entry of parseManifest(await readJson(spool, MANIFEST))) {
    const image = await fromManifest(spool, entry, layers);
    found.push({ ...image, manifest: manifestFor(image, laidOut) });
  }
  return merged(found);
}

/** Beside docker's own list a layout that can not be read does no harm: manifests are made then. */
async function layoutOf(
  spool: Spool,
  platform: Platform,
  optional: boolean,
): Promise<LaidOutImage[]> {
  try {
    return await readLayout(spool, platform);
  } catch (error) {
    if (optional && error instanceof LoadError) return [];
    throw error;
  }
}

async function fromManifest(
  spool: Spool,
  entry: ManifestEntry,
  layers: LayerReader,
): Promise<ArchiveImage> {
  const configBytes = await readBytes(spool, entry.config);
  const config = parseImageConfig(configBytes);
  return {
    id: sha256(configBytes),
    configBytes,
    config,
    references: entry.tags.map(tagOf),
    layers: await layers.all(entry.layers, config.diffIds),
    manifest: null,
  };
}

async function fromLayout(
  spool: Spool,
  { manifest, name }: LaidOutImage,
  layers: LayerReader,
): Promise<ArchiveImage> {
  const configBytes = await readBytes(spool, blobPath(manifest.config.digest));
  const config = parseImageConfig(configBytes);
  for (const { digest, size } of [manifest.config, ...manifest.layers]) {
    if (lookUp(spool, blobPath(digest)).size === size) continue;
    throw new LoadError(`${digest}: size mismatch: expected ${size}`);
  }
  const names = manifest.layers.map(({ digest }) => blobPath(digest));
  return {
    id: manifest.config.digest,
    configBytes,
    config,
    references: name === null ? [] : [tagOf(name)],
    layers: await layers.all(names, config.diffIds),
    manifest,
  };
}

/** The manifest over exactly these bytes. */
function manifestFor(
  image: ArchiveImage,
  laidOut: readonly LaidOutImage[],
): ArchiveManifest | null {
  const digests = image.layers.map(({ file }) => file.digest).join();
  const found = laidOut.find(
    ({ manifest }) =>
      manifest.config.digest === image.id &&
      manifest.layers.map(({ digest }) => digest).join() === digests,
  );
  return found?.manifest ?? null;
}

/** The same image under several names is listed several times. */
function merged(images: readonly ArchiveImage[]): ArchiveImage[] {
  const byId = new Map<string, ArchiveImage>();
  for (const image of images) {
    const before = byId.get(image.id);
    const references = [...new Set([...(before?.references ?? []), ...image.references])];
    byId.set(image.id, { ...(before ?? image), references });
  }
  return [...byId.values()];
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
