/**
 * The snapshots of a container: image chain ← init layer (committed, empty mount points) ← `<id>`
 * (what the container writes, under its lease). The init layer is the same for all containers of an
 * image, so it is made once and kept by the image, not by a container. Each step looks first:
 * `already-exists` and `not-found` say how far an earlier try, or another container, has come.
 */
import type { ImageRef } from '../../machines/container.config.ts';
import type { ContainerId } from '../../machines/words.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions, Mount } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import type { ContainerDeps } from './deps.ts';
import { writeInitLayer } from './initLayer.ts';
import { containerPaths } from './paths.ts';
import { mountOnce, unmountAll } from './rootMount.ts';
import { orAbsent } from './runRecord.ts';
import { together } from './together.ts';

/**
 * Keeps the container's snapshots from the garbage collector for as long as the container lives.
 */
export const leaseOf = (id: ContainerId): string => `shiplog-${id}`;

/** The number changes when initLayer.ts writes something else. */
const initName = (chainId: string): string => `init-1-${chainId === '' ? 'empty' : chainId}`;
/** Key of the init layer while this container writes it; a committed snapshot has another name. */
const initKey = (id: ContainerId): string => `${id}-init-key`;
/**
 * A containerd that was killed while it made a snapshot has left the directory, and gives its
 * number to the next one, which it then can not put there.
 */
const TAKEN = /failed to rename: rename \S+ (\/\S+\/snapshots\/\d+): /;
/** So much older than the question a directory has to be: nobody has just made it. */
const STRAY_NS = 1_000_000_000n;
/** How often the collector may take a shared layer between a look and its use. */
const TRIES = 3;

export type SnapshotDeps = Pick<ContainerDeps, 'containerd' | 'snapshotter' | 'roots' | 'system'>;

export async function holdLease(
  deps: SnapshotDeps,
  id: ContainerId,
  options: CallOptions,
): Promise<void> {
  try {
    await deps.containerd.leases.create(leaseOf(id), { 'shiplog.container': id }, options);
  } catch (error) {
    if (!isContainerdError(error, 'already-exists')) throw error;
  }
}

interface Wanted {
  readonly id: ContainerId;
  readonly image: ImageRef;
  /** Nothing was tried before. */
  readonly fresh: boolean;
}

/** Leaves the writable snapshot `<id>`, whatever was there before, and gives its mounts. */
export async function makeSnapshots(
  deps: SnapshotDeps,
  { id, image, fresh }: Wanted,
  options: CallOptions,
): Promise<readonly Mount[]> {
  const { snapshotter, containerd } = deps;
  const leased = { ...options, lease: leaseOf(id) };
  const exists = async (key: string): Promise<boolean> =>
    (await orAbsent(containerd.snapshots.stat({ snapshotter, key }, options))) !== undefined;
  const parent = initName(image.chainId);
  // First: where `<id>` is, nobody looks for it any more.
  if (!fresh) await dropInitLayer(deps, id, options);
  for (let left = TRIES; ; left -= 1) {
    try {
      return await prepared(deps, { key: id, parent }, leased);
    } catch (error) {
      if (!isContainerdError(error, 'not-found') || left === 0) throw error;
    }
    if (!(await exists(parent))) await makeInitLayer(deps, id, image, leased);
  }
}

async function makeInitLayer(
  deps: SnapshotDeps,
  id: ContainerId,
  image: ImageRef,
  options: CallOptions,
): Promise<void> {
  const { snapshotter, containerd, roots } = deps;
  const target = containerPaths(roots, id).initRoot;
  const key = initKey(id);
  const mounts = await prepared(deps, { key, parent: image.chainId }, options);
  await mountOnce(deps.system, target, mounts);
  try {
    await writeInitLayer(deps.system.files, target);
  } finally {
    await unmountAll(deps.system, target);
  }
  const name = initName(image.chainId);
  try {
    await containerd.snapshots.commit({ snapshotter, key, name }, options);
  } catch (error) {
    // Another container of the image was first.
    if (!isContainerdError(error, 'already-exists')) throw error;
    await orAbsent(containerd.snapshots.remove({ snapshotter, key }, options));
  }
  await keepWithImage(deps, image, name, options);
}

/** What a try left that was broken off, when another container has made the layer since. */
export async function dropInitLayer(
  { containerd, snapshotter, roots, system }: SnapshotDeps,
  id: ContainerId,
  options: CallOptions,
): Promise<void> {
  await unmountAll(system, containerPaths(roots, id).initRoot);
  await orAbsent(containerd.snapshots.remove({ snapshotter, key: initKey(id) }, options));
}

/** The collector takes the init layer when it takes the image, and not before. */
async function keepWithImage(
  { containerd, snapshotter }: SnapshotDeps,
  image: ImageRef,
  name: string,
  options: CallOptions,
): Promise<void> {
  const labels = { [`containerd.io/gc.ref.snapshot.${snapshotter}/init`]: name };
  await orAbsent(containerd.content.update(image.id, labels, options));
}

/** Mounts of the active snapshot, made now or by an earlier try. */
async function prepared(
  deps: SnapshotDeps,
  wanted: { readonly key: string; readonly parent: string },
  options: CallOptions,
): Promise<readonly Mount[]> {
  const { snapshotter, containerd } = deps;
  const { snapshots } = containerd;
  const askedNs = deps.system.nowNs();
  try {
    return await snapshots.prepare({ snapshotter, ...wanted }, options);
  } catch (error) {
    if (isContainerdError(error, 'already-exists')) {
      return await snapshots.mounts({ snapshotter, key: wanted.key }, options);
    }
    if (!isContainerdError(error, 'unknown')) throw error;
    const [, stray] = TAKEN.exec(error.message) ?? [];
    if (stray === undefined) throw error;
    await removeStray(deps, stray, askedNs);
    throw new EffectFailure('unavailable', error.message, { cause: error });
  }
}

/**
 * Takes such a directory away, if containerd is ours. One that is fresh is a snapshot that another
 * call has made at that number meanwhile.
 */
async function removeStray(
  { roots, system }: SnapshotDeps,
  path: string,
  askedNs: bigint,
): Promise<void> {
  if (!path.startsWith(`${roots.dataRoot}/containerd/`)) return;
  const changedNs = await system.files.changedNs(path);
  if (changedNs === undefined || changedNs > askedNs - STRAY_NS) return;
  await system.files.remove(path);
}

/**
 * What the container alone has, with the lease that holds it: should a crash leave one without the
 * other, the removal is not on record and is tried again.
 */
export async function removeSnapshots(
  deps: SnapshotDeps,
  id: ContainerId,
  options: CallOptions,
): Promise<void> {
  const { snapshotter, containerd } = deps;
  const removed = [id, initKey(id)].map((key) =>
    orAbsent(containerd.snapshots.remove({ snapshotter, key }, options)),
  );
  const lease = containerd.leases.delete(leaseOf(id), { ...options, sync: false });
  await together(...removed, orAbsent(lease));
}
