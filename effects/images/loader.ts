/**
 * The first half of `docker load`: from the archive to images that lie in containerd under a lease
 * and that no name points to yet. The second half is the effect `image.publish`, asked for by the
 * image's machine once the load is in the log.
 *
 * Each image has a lease of its own, because each is published, and then lets go of it, by itself.
 */
import type { Readable } from 'node:stream';
import type { StagedImage } from '../../machines/image.facts.ts';
import type { Containerd } from '../containerd/client.ts';
import { isContainerdError } from '../containerd/errors.ts';
import { nowNs } from '../system/clock.ts';
import { randomHex } from '../system/ids.ts';
import { formatTimestamp } from '../system/timestamp.ts';
import { type ArchiveImage, readArchive } from './archive.ts';
import { ingest } from './ingest.ts';
import { spoolArchive } from './spool.ts';

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
   * @param archive docker-archive tar, plain, gzip or zstd; read to its end or destroyed.
   * @returns an image for each entry of its manifest.json, in that order.
   * @throws LoadError, ContainerdError, or the signal's reason; then nothing is kept.
   */
  stage(archive: Readable, signal?: AbortSignal): Promise<readonly LeasedImage[]>;
  /** Gives up what was staged and will not be published. Repeatable. */
  discard(lease: string): Promise<void>;
}

/** Long enough for the log's write and for a daemon that has to come back first. */
const leaseNs = 3_600_000_000_000n;

export function makeImageStager(options: LoaderOptions): ImageStager {
  const discard = (lease: string): Promise<void> => dropLease(options.client, lease);
  return {
    discard,
    async stage(archive, signal) {
      const spool = await spoolArchive(archive, options.spoolDirectory, signal);
      const staged: LeasedImage[] = [];
      try {
        for (const image of await readArchive(spool, signal)) {
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
  };
}

async function stageOne(
  { client, snapshotter }: LoaderOptions,
  image: ArchiveImage,
  signal: AbortSignal | undefined,
): Promise<LeasedImage> {
  const lease = `load-${randomHex(12)}`;
  const expires = formatTimestamp(nowNs() + leaseNs);
  await client.leases.create(lease, { 'containerd.io/gc.expire': expires }, { signal });
  try {
    return { ...(await ingest({ client, snapshotter, lease, signal }, image)), lease };
  } catch (error) {
    await dropLease(client, lease);
    throw error;
  }
}

/** When containerd is away the lease expires by itself. */
async function dropLease(client: Containerd, lease: string): Promise<void> {
  try {
    await client.leases.delete(lease);
  } catch (error) {
    if (!isContainerdError(error, 'not-found', 'unavailable', 'deadline')) throw error;
  }
}
