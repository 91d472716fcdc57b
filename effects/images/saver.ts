/**
 * `docker save`: every blob of the images byte for byte as it came, once, in an OCI image layout
 * with docker's `manifest.json` beside it. A lease keeps them until the last byte is out, even if
 * the images are removed meanwhile.
 */
import type { Descriptor, StagedImage } from '../../machines/image.facts.ts';
import type { Containerd } from '../containerd/client.ts';
import { partsOf } from './archiveLayout.ts';
import { parseJson } from './imageConfig.ts';
import { dropLease, takeLease } from './leases.ts';
import { type TarFile, tarOf } from './tarWriter.ts';

export interface SavedImage {
  readonly image: Pick<StagedImage, 'id' | 'target'>;
  /** Those that go into the archive; may be none. */
  readonly names: readonly SavedName[];
}

export interface SavedName {
  /** Normalised, with its tag. */
  readonly full: string;
  /** As people know it. */
  readonly short: string;
  readonly tag: string;
}

interface Manifest {
  readonly saved: SavedImage;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

const manifestMax = 8 * 1024 * 1024;
const pathOf = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

/**
 * The archive, at the reader's pace. Nothing comes before all manifests are read.
 * @throws ContainerdError `not-found` when a blob is missing
 */
export async function* saveImages(
  client: Containerd,
  images: readonly SavedImage[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const lease = await takeLease(client, signal);
  try {
    for (const { image } of images) {
      const resource = { id: image.target.digest, type: 'content' };
      await client.leases.addResource(lease, resource, { signal });
    }
    const manifests: Manifest[] = [];
    for (const saved of images) manifests.push(await readManifest(client, saved, signal));
    yield* tarOf(['blobs', 'blobs/sha256'], filesOf(client, manifests, signal));
  } finally {
    await dropLease(client, lease);
  }
}

async function readManifest(
  client: Containerd,
  saved: SavedImage,
  signal: AbortSignal,
): Promise<Manifest> {
  const { digest } = saved.image.target;
  const bytes = await client.content.readAll(digest, { signal, limit: manifestMax });
  return { saved, ...partsOf(parseJson(bytes, digest), digest) };
}

async function* filesOf(
  client: Containerd,
  manifests: readonly Manifest[],
  signal: AbortSignal,
): AsyncGenerator<TarFile> {
  for (const [digest, size] of blobsOf(manifests)) {
    yield { name: pathOf(digest), size, chunks: client.content.read(digest, { signal }) };
  }
  yield jsonFile('index.json', indexOf(manifests));
  yield jsonFile('manifest.json', manifests.map(listed));
  yield jsonFile('oci-layout', { imageLayoutVersion: '1.0.0' });
}

/** Sorted, so that an archive of the same images is the same. */
function blobsOf(manifests: readonly Manifest[]): readonly (readonly [string, number])[] {
  const blobs = new Map<string, number>();
  for (const { saved, config, layers } of manifests) {
    for (const { digest, size } of [saved.image.target, config, ...layers]) blobs.set(digest, size);
  }
  return [...blobs].sort(([left], [right]) => (left < right ? -1 : 1));
}

function jsonFile(name: string, value: object): TarFile {
  const bytes = Buffer.from(JSON.stringify(value));
  return { name, size: bytes.length, chunks: [bytes] };
}

/** An entry for each reference, as containerd names them; one without a name if there is none. */
function indexOf(manifests: readonly Manifest[]): object {
  const entries = manifests.flatMap(({ saved: { image, names } }) =>
    names.length === 0
      ? [image.target]
      : names.map((name) => ({ ...image.target, annotations: annotationsOf(name) })),
  );
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return { schemaVersion: 2, mediaType, manifests: entries };
}

const annotationsOf = ({ full, tag }: SavedName) => ({
  'io.containerd.image.name': full,
  'org.opencontainers.image.ref.name': tag,
});

function listed({ saved: { names }, config, layers }: Manifest): object {
  return {
    Config: pathOf(config.digest),
    RepoTags: names.length === 0 ? null : names.map(({ short }) => short),
    Layers: layers.map(({ digest }) => pathOf(digest)),
  };
}
