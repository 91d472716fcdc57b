/**
 * The effect `image.publish`: look at each image record, write those that are absent or point
 * elsewhere, make sure that what they point to is there, let go of the lease.
 */
import type { StagedImage } from '../../machines/image.facts.ts';
import type { Containerd } from '../containerd/client.ts';
import { isContainerdError, toEffectFailure } from '../containerd/errors.ts';
import type { CallOptions } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';
import { deleteRecord, ensureRecord, recordOf } from './records.ts';

export interface PublishOptions {
  readonly client: Containerd;
  readonly snapshotter: string;
}

export function makePublishHandler(options: PublishOptions): Handler<'image.publish'> {
  return {
    deadlineMs: 60_000,
    lane: 'serial',
    class: 'begin',
    tries: 5,
    undo: 'image.remove',
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

async function dropLease(client: Containerd, lease: string, options: CallOptions): Promise<void> {
  if (lease === '') return;
  try {
    await client.leases.delete(lease, options);
  } catch (error) {
    if (!isContainerdError(error, 'not-found')) throw error;
  }
}
