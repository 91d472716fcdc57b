/**
 * The first half of `docker load` and `docker import`: from the archive to images that lie in
 * containerd under a lease and that no name points to yet. The second half is the effect
 * `image.publish`, asked for by the image's machine once the load is in the log.
 *
 * Each image has a lease of its own, because each is published, and then lets go of it, by itself.
 */
import { Readable } from 'node:stream';
import type { Descriptor, StagedImage } from '../../machines/image.facts.ts';
import type { Containerd } from '../containerd/client.ts';
import { type ArchiveImage, readArchive } from './archive.ts';
import { type CommitWishes, committedImage } from './committed.ts';
import { type ImportedTar, importedImage } from './imported.ts';
import { ingest } from './ingest.ts';
import { dropLease, takeLease } from './leases.ts';
import { hostPlatform } from './platform.ts';
import { spoolArchive, spoolFile } from './spool.ts';

export interface LoaderOptions {
  readonly client: Containerd;
  /** e.g. `overlayfs`. */
  readonly snapshotter: string;
  /** Directory for what is on its way, e.g. `<data root>/tmp`; created if absent. */
  readonly spoolDirectory: string;
}

export type LeasedImage = StagedImage & { readonly lease: string };

export interface ImageStager {
  /**
   * @param archive docker-archive or OCI layout as a tar, plain, gzip or zstd; read to its end or
   *   destroyed.
   * @returns each image of it once, in its order.
   * @throws LoadError, ContainerdError, or the signal's reason; then nothing is kept.
   */
  stage(archive: Readable, signal?: AbortSignal): Promise<readonly LeasedImage[]>;
  /**
   * Makes an image of one layer from the tar of a root file system.
   * @throws as `stage`
   */
  stageTar(tar: Readable, asked: ImportedTar, signal?: AbortSignal): Promise<LeasedImage>;
  /**
   * Makes an image of a container's image and what the container has changed.
   * @param layer its changes; returns of how many entries it was
   * @throws as `stage`
   */
  stageCommit(
    layer: AsyncGenerator<Buffer, number>,
    wishes: CommitWishes,
    signal: AbortSignal,
  ): Promise<LeasedImage>;
  /** Gives up what was staged and will not be published. Repeatable. */
  discard(lease: string): Promise<void>;
}

export function makeImageStager(options: LoaderOptions): ImageStager {
  const { client, spoolDirectory } = options;
  const discard = (lease: string): Promise<void> => dropLease(client, lease);
  return {
    discard,
    async stage(archive, signal) {
      const spool = await spoolArchive(archive, spoolDirectory, signal);
      const staged: LeasedImage[] = [];
      try {
        for (const image of await readArchive(spool, hostPlatform(), signal)) {
          staged.push(await stageOne(options, image, signal));
        }
        return staged;
      } catch (error) {
        for (const { lease } of staged) await discard(lease);
        throw error;
      } finally {
        await spool.remove();
      }
    },
    stageCommit: (layer, wishes, signal) => stageCommit(options, layer, wishes, signal),
    async stageTar(tar, asked, signal) {
      const spool = await spoolFile(tar, spoolDirectory, signal);
      try {
        return await stageOne(options, await importedImage(spool.file, asked, signal), signal);
      } finally {
        await spool.remove();
      }
    },
  };
}

async function stageCommit(
  options: LoaderOptions,
  layer: AsyncGenerator<Buffer, number>,
  wishes: CommitWishes,
  signal: AbortSignal,
): Promise<LeasedImage> {
  let entries = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    entries = yield* layer;
  }
  const spool = await spoolFile(Readable.from(counted()), options.spoolDirectory, signal);
  try {
    const file = entries === 0 ? null : spool.file;
    const { image, base } = await committedImage(options.client, file, wishes, signal);
    return await stageOne(options, image, signal, base);
  } finally {
    await spool.remove();
  }
}

async function stageOne(
  { client, snapshotter }: LoaderOptions,
  image: ArchiveImage,
  signal: AbortSignal | undefined,
  base: readonly Descriptor[] = [],
): Promise<LeasedImage> {
  const lease = await takeLease(client, signal);
  try {
    const target = { client, snapshotter, lease, signal };
    return { ...(await ingest(target, image, base)), lease };
  } catch (error) {
    await dropLease(client, lease);
    throw error;
  }
}
