/**
 * Makes a committed snapshot of each stack of layers, named by its chain id. Repeatable, and safe
 * beside others that do the same: whoever commits first wins, the rest find it there.
 */
import type { Containerd } from '../containerd/client.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { Descriptor } from '../containerd/types.ts';
import { randomHex } from '../system/ids.ts';
import { LoadError } from './loadError.ts';

export interface UnpackTarget {
  readonly client: Containerd;
  readonly snapshotter: string;
  readonly lease: string;
  readonly signal: AbortSignal | undefined;
}

export interface Layer {
  readonly descriptor: Descriptor;
  readonly diffId: string;
  readonly chainId: string;
  /** Chain id of what is below; empty for the first. */
  readonly parent: string;
}

/** @throws ContainerdError, LoadError */
export async function unpackLayer(target: UnpackTarget, layer: Layer): Promise<void> {
  const { client, snapshotter, lease, signal } = target;
  const type = `snapshots/${snapshotter}`;
  // Before looking: what is found must not be collected in between.
  await client.leases.addResource(lease, { id: layer.chainId, type }, { signal });
  if (await isThere(target, layer.chainId)) return;
  const key = `extract-${randomHex(8)} ${layer.chainId}`;
  const labels = { 'containerd.io/snapshot.ref': layer.chainId };
  const request = { snapshotter, key, parent: layer.parent, labels };
  try {
    const mounts = await client.snapshots.prepare(request, { signal, lease });
    await apply(target, layer, key, mounts);
  } catch (error) {
    if (isContainerdError(error, 'already-exists') && (await isThere(target, layer.chainId))) {
      return dropQuietly(target, key);
    }
    await dropQuietly(target, key);
    throw error;
  }
}

async function apply(
  target: UnpackTarget,
  layer: Layer,
  key: string,
  mounts: Awaited<ReturnType<Containerd['snapshots']['prepare']>>,
): Promise<void> {
  const { client, snapshotter, lease, signal } = target;
  const applied = await applying(client.diff.apply(layer.descriptor, mounts, { signal, lease }));
  if (applied.digest !== layer.diffId) {
    throw new LoadError(`layer digest mismatch: expected ${layer.diffId}, got ${applied.digest}`);
  }
  await client.snapshots.commit({ snapshotter, key, name: layer.chainId }, { signal, lease });
}

/** What containerd says of a layer that is no tar, behind the path of a mount of its own. */
const DAMAGED =
  /(archive\/tar: .*|unhandled tar header .*|(?:gzip|flate|zstd): .*|unexpected EOF)$/;

/** That a layer is no tar is the archive's fault, not containerd's. */
async function applying(applied: Promise<Descriptor>): Promise<Descriptor> {
  try {
    return await applied;
  } catch (error) {
    const damage = isContainerdError(error) ? DAMAGED.exec(error.message)?.[0] : undefined;
    if (damage === undefined) throw error;
    throw new LoadError(`Error processing tar file: ${damage}`, { cause: error });
  }
}

async function isThere({ client, snapshotter, signal }: UnpackTarget, chainId: string) {
  try {
    await client.snapshots.stat({ snapshotter, key: chainId }, { signal });
    return true;
  } catch (error) {
    if (isContainerdError(error, 'not-found')) return false;
    throw error;
  }
}

/** The lease's end would collect it as well; so a failure here only delays that. */
async function dropQuietly({ client, snapshotter }: UnpackTarget, key: string): Promise<void> {
  try {
    await client.snapshots.remove({ snapshotter, key });
  } catch (error) {
    if (!isContainerdError(error)) throw error;
  }
}
