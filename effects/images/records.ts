/**
 * containerd's records of an image: one for each reference, and one named by the image's own id,
 * which keeps an image whose last reference was taken by another, as docker keeps `<none>`. Each is
 * labelled with the image's id, for two images can have one manifest in common with others' tools.
 */
import type { StagedImage } from '../../machines/image.facts.ts';
import type { Containerd } from '../containerd/client.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions, ImageRecord, NewImage } from '../containerd/types.ts';
import { randomHex } from '../system/ids.ts';

export const imageIdLabel = 'shiplog.image-id';

type Owner = Pick<StagedImage, 'id' | 'target'>;

export function recordOf(image: Owner, name: string): NewImage {
  return { name, labels: { [imageIdLabel]: image.id }, target: image.target };
}

export async function ensureRecord(
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

/** Takes back a record, unless it points to another image by now. */
export async function deleteRecord(
  client: Containerd,
  image: Owner,
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

/** Deletes all of them; when the last one is gone the collector has run. Repeatable. */
export async function deleteRecords(
  client: Containerd,
  id: string,
  options: CallOptions,
): Promise<void> {
  const found = await client.images.list([`labels."${imageIdLabel}"=="${id}"`], options);
  for (const { name } of found) await dropRecord(client, name, options);
  // Once more for all of them, and also when an earlier try was killed before the collector ran.
  await collect(client, options);
}

async function dropRecord(client: Containerd, name: string, options: CallOptions): Promise<void> {
  try {
    await client.images.delete(name, options);
  } catch (error) {
    if (!isContainerdError(error, 'not-found')) throw error;
  }
}

/** There is no call for it: the end of a lease, with `sync`, waits for the collector. */
async function collect(client: Containerd, options: CallOptions): Promise<void> {
  const lease = `collect-${randomHex(8)}`;
  await client.leases.create(lease, {}, options);
  await client.leases.delete(lease, { ...options, sync: true });
}
