/**
 * The effect `image.publish`: look at each image record, write those that are absent or point
 * elsewhere, make sure that what they point to is there, let go of the lease.
 *
 * Besides its references every image has a record named by its own id: it keeps an image whose last
 * reference was taken by another, as docker keeps `<none>`.
 */
import type { StagedImage } from '../../machines/image.facts.ts';
import type { Containerd } from '../containerd/client.ts';
import { isContainerdError, toEffectFailure } from '../containerd/errors.ts';
import type { CallOptions, ImageRecord, NewImage } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';

export interface PublishOptions {
  readonly client: Containerd;
  readonly snapshotter: string;
}

export const imageIdLabel = 'shiplog.image-id';

export function makePublishHandler(options: PublishOptions): Handler<'image.publish'> {
  return {
    deadlineMs: 60_000,
    lane: 'serial',
    class: 'begin',
    tries: 5,
    undo: { none: 'a later load or removal replaces the records; a lost lease expires' },
    async do({ params, subject, signal }) {
      try {
        await publish(options, subject, { signal });
        await dropLease(options.client, params.lease, { signal });
      } catch (error) {
        throw toEffectFailure(error);
      }
      return {};
    },
  };
}

async function publish(
  { client, snapshotter }: PublishOptions,
  image: StagedImage,
  options: CallOptions,
): Promise<void> {
  const names = [image.id, ...image.references];
  for (const name of names) {
    await ensureRecord(client, recordOf(image, name), options);
  }
  // Only now, that the records hold it, is what is there sure to stay.
  if (await isComplete(client, snapshotter, image, options)) return;
  for (const name of names) await deleteRecord(client, image, name, options);
  throw new EffectFailure('failed', `content of image ${image.id} is gone: load it again`);
}

function recordOf(image: StagedImage, name: string): NewImage {
  return { name, labels: { [imageIdLabel]: image.id }, target: image.target };
}

async function ensureRecord(
  client: Containerd,
  wanted: NewImage,
  options: CallOptions,
): Promise<void> {
  const found = await lookUp(client, wanted.name, options);
  if (found && isSame(found, wanted)) return;
  try {
    if (found) await client.images.update(wanted, options);
    else await client.images.create(wanted, options);
  } catch (error) {
    // It came or went between the look and the act: look again.
    if (!isContainerdError(error, 'already-exists', 'not-found')) throw error;
    await ensureRecord(client, wanted, options);
  }
}

async function isComplete(
  client: Containerd,
  snapshotter: string,
  image: StagedImage,
  options: CallOptions,
): Promise<boolean> {
  try {
    await client.content.info(image.target.digest, options);
    await client.content.info(image.id, options);
    if (image.chainId === '') return true;
    await client.snapshots.stat({ snapshotter, key: image.chainId }, options);
    return true;
  } catch (error) {
    if (isContainerdError(error, 'not-found')) return false;
    throw error;
  }
}

/** Takes back a record, unless it points to another image by now. */
async function deleteRecord(
  client: Containerd,
  image: StagedImage,
  name: string,
  options: CallOptions,
): Promise<void> {
  const found = await lookUp(client, name, options);
  if (!found || !isSame(found, recordOf(image, name))) return;
  try {
    await client.images.delete(name, options);
  } catch (error) {
    if (!isContainerdError(error, 'not-found')) throw error;
  }
}

async function lookUp(
  client: Containerd,
  name: string,
  options: CallOptions,
): Promise<ImageRecord | undefined> {
  try {
    return await client.images.get(name, options);
  } catch (error) {
    if (isContainerdError(error, 'not-found')) return undefined;
    throw error;
  }
}

function isSame(found: ImageRecord, wanted: NewImage): boolean {
  return (
    found.target.digest === wanted.target.digest &&
    found.labels[imageIdLabel] === wanted.labels[imageIdLabel]
  );
}

async function dropLease(client: Containerd, lease: string, options: CallOptions): Promise<void> {
  if (lease === '') return;
  try {
    await client.leases.delete(lease, options);
  } catch (error) {
    if (!isContainerdError(error, 'not-found')) throw error;
  }
}
