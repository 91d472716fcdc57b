/**
 * The OCI image layout in an archive: `index.json` → manifests, or indexes of manifests for several
 * platforms, of which one is picked. Attestations and other things that are no images are left out.
 */
import type { Descriptor } from '../../machines/image.facts.ts';
import type { JsonObject, JsonValue } from '../../machines/words.ts';
import { blobPath, readBytes, readJson } from './archiveFiles.ts';
import { isObject, parseJson } from './imageConfig.ts';
import { LoadError } from './loadError.ts';
import type { Spool } from './spool.ts';

export interface Platform {
  readonly os: string;
  /** In Go's names, e.g. `amd64`. */
  readonly architecture: string;
}

/** A manifest, byte for byte as it is in the archive. */
export interface ArchiveManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface LaidOutImage {
  readonly manifest: ArchiveManifest;
  /** As the index names it; null: it does not. */
  readonly name: string | null;
}

interface IndexEntry extends Descriptor {
  readonly annotations: JsonObject;
  readonly platform: JsonObject | null;
}

const INDEX = 'index.json';
const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
/** An index that holds indexes without end is no image. */
const deepest = 4;

export const hasLayout = (spool: Spool): boolean => spool.find(INDEX) !== undefined;

/** Every image that `index.json` names. @throws LoadError */
export async function readLayout(spool: Spool, platform: Platform): Promise<LaidOutImage[]> {
  const entries = entriesOf(await readJson(spool, INDEX), INDEX);
  const found: LaidOutImage[] = [];
  for (const entry of entries.filter(isImage)) {
    const manifest = await manifestOf(spool, entry, platform, deepest);
    found.push({ manifest, name: nameOf(entry.annotations) });
  }
  return found;
}

async function manifestOf(
  spool: Spool,
  entry: IndexEntry,
  platform: Platform,
  left: number,
): Promise<ArchiveManifest> {
  const bytes = await readBytes(spool, blobPath(entry.digest));
  if (bytes.length !== entry.size) {
    throw new LoadError(`${entry.digest}: size mismatch: expected ${entry.size}`);
  }
  const { mediaType, digest, size } = entry;
  const content = parseJson(bytes, digest);
  if (!indexTypes.includes(mediaType)) {
    const descriptor = { mediaType, digest, size };
    return { descriptor, bytes, ...partsOf(content, digest) };
  }
  if (left === 0) throw new LoadError(`invalid archive: ${digest}: indexes are nested too deeply`);
  return manifestOf(spool, pick(entriesOf(content, digest), platform, digest), platform, left - 1);
}

/** The host's platform; or what there is, if there is but one. @throws LoadError */
function pick(entries: readonly IndexEntry[], platform: Platform, what: string): IndexEntry {
  const images = entries.filter(isImage);
  const fitting = images.find(
    (entry) =>
      entry.platform?.['os'] === platform.os &&
      entry.platform['architecture'] === platform.architecture,
  );
  const [only, another] = images;
  const found = fitting ?? (another === undefined ? only : undefined);
  if (found) return found;
  const wanted = `${platform.os}/${platform.architecture}`;
  throw new LoadError(`invalid archive: ${what} has no image for platform ${wanted}`);
}

function isImage(entry: IndexEntry): boolean {
  const known = [...indexTypes, ...manifestTypes].includes(entry.mediaType);
  const attests = entry.annotations['vnd.docker.reference.type'] !== undefined;
  return known && !attests && entry.platform?.['os'] !== 'unknown';
}

/** containerd's annotation holds the whole name; the other is often a tag that names nothing. */
function nameOf(annotations: JsonObject): string | null {
  const full = annotations['io.containerd.image.name'];
  if (typeof full === 'string' && full !== '') return full;
  const short = annotations['org.opencontainers.image.ref.name'];
  return typeof short === 'string' && /[:/]/.test(short) ? short : null;
}

function entriesOf(index: JsonValue, what: string): IndexEntry[] {
  const list = isObject(index) ? index['manifests'] : undefined;
  if (!Array.isArray(list)) throw new LoadError(`invalid archive: ${what} lists no manifests`);
  return list.map((item: JsonValue) => {
    const annotations = isObject(item) ? item['annotations'] : undefined;
    const platform = isObject(item) ? item['platform'] : undefined;
    return {
      ...descriptorOf(item, what),
      annotations: isObject(annotations) ? annotations : {},
      platform: isObject(platform) ? platform : null,
    };
  });
}

/** @param what names it in the error. @throws LoadError */
export function partsOf(
  manifest: JsonValue,
  what: string,
): Pick<ArchiveManifest, 'config' | 'layers'> {
  const config = isObject(manifest) ? manifest['config'] : undefined;
  const layers = isObject(manifest) ? (manifest['layers'] ?? []) : undefined;
  if (config === undefined || !Array.isArray(layers)) {
    throw new LoadError(`invalid archive: manifest ${what} lacks config or layers`);
  }
  return {
    config: descriptorOf(config, what),
    layers: layers.map((layer: JsonValue) => descriptorOf(layer, what)),
  };
}

function descriptorOf(value: JsonValue, what: string): Descriptor {
  const { mediaType = '', digest, size } = isObject(value) ? value : {};
  if (typeof mediaType === 'string' && typeof digest === 'string' && typeof size === 'number') {
    blobPath(digest);
    return { mediaType, digest, size };
  }
  throw new LoadError(`invalid archive: ${what} holds something that is no descriptor`);
}
