/**
 * The snapshots of a container: image chain ← init layer (committed, empty mount points) ← `<id>`
 * (what the container writes). The init layer is the same for all containers of an image, so it is
 * made once and kept by the image, not by a container. Each step looks first: `already-exists` and
 * `not-found` say how far an earlier try, or another container, has come.
 *
 * What keeps them from containerd's collector: `<id>` is labelled as a root of it from the moment
 * that it is there, and a snapshot keeps its parents. Only who makes an init layer takes a lease,
 * from before that until `<id>` stands on it; one that a crash left lasts as long as the container,
 * as that of any container of an earlier version does.
 */
import type { ImageRef } from '../../machines/container.config.ts';
import type { ContainerId } from '../../machines/words.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions, Mount, NewSnapshot } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import { formatTimestamp } from '../system/timestamp.ts';
import type { ContainerDeps } from './deps.ts';
import { writeInitLayer } from './initLayer.ts';
import { containerPaths } from './paths.ts';
import { mountOnce, unmountAll } from './rootMount.ts';
import { CONTAINER_LABEL, orAbsent } from './runRecord.ts';
import { together } from './together.ts';

/** Of the init layer while it is made; earlier versions held all of a container by it. */
export const leaseOf = (id: ContainerId): string => `shiplog-${id}`;
/** A root of the collector; the value is for people. */
const ROOT_LABEL = 'containerd.io/gc.root';

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

/** What containerd may have of a container: nothing, its root alone, or nobody knows. */
export type Remains = 'nothing' | 'root' | 'anything';

export type SnapshotDeps = Pick<ContainerDeps, 'containerd' | 'snapshotter' | 'roots' | 'system'>;

/** @returns whether it is new: one that was there may be all that keeps what it holds */
export async function holdLease(
  deps: SnapshotDeps,
  id: ContainerId,
  options: CallOptions,
): Promise<boolean> {
  try {
    await deps.containerd.leases.create(leaseOf(id), { [CONTAINER_LABEL]: id }, options);
    return true;
  } catch (error) {
    if (!isContainerdError(error, 'already-exists')) throw error;
    return false;
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
  // First: where `<id>` is, nobody looks for it any more.
  if (!fresh) await dropInitLayer(deps, id, options);
  return (
    (await onInitLayer(deps, id, image, options)) ??
    (await underLease(deps, id, options, (leased) => withInitLayer(deps, id, image, leased)))
  );
}

/** Undefined: there is no init layer to stand on. */
async function onInitLayer(
  deps: SnapshotDeps,
  id: ContainerId,
  image: ImageRef,
  options: CallOptions,
): Promise<readonly Mount[] | undefined> {
  const since = formatTimestamp(deps.system.nowNs());
  const labels = { [ROOT_LABEL]: since, [CONTAINER_LABEL]: id };
  return await orAbsent(
    prepared(deps, { key: id, parent: initName(image.chainId), labels }, options),
  );
}

async function withInitLayer(
  deps: SnapshotDeps,
  id: ContainerId,
  image: ImageRef,
  options: CallOptions,
): Promise<readonly Mount[]> {
  const { snapshotter, containerd } = deps;
  const key = initName(image.chainId);
  for (let left = TRIES; left > 0; left -= 1) {
    const there = await orAbsent(containerd.snapshots.stat({ snapshotter, key }, options));
    if (there === undefined) await makeInitLayer(deps, id, image, options);
    const mounts = await onInitLayer(deps, id, image, options);
    if (mounts !== undefined) return mounts;
  }
  throw new EffectFailure('unavailable', `the layer ${key} came and went meanwhile`);
}

/**
 * Whatever the work makes is kept until it is done. When it fails the lease stays: the next try may
 * go on with what there is, and the container's removal ends it.
 */
async function underLease<T>(
  deps: SnapshotDeps,
  id: ContainerId,
  options: CallOptions,
  work: (leased: CallOptions) => Promise<T>,
): Promise<T> {
  const made = await holdLease(deps, id, options);
  const done = await work({ ...options, lease: leaseOf(id) });
  if (made) await orAbsent(deps.containerd.leases.delete(leaseOf(id), options));
  return done;
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
  await keepWithImage(deps, image, name, options);
  try {
    await containerd.snapshots.commit({ snapshotter, key, name }, options);
  } catch (error) {
    // Another container of the image was first.
    if (!isContainerdError(error, 'already-exists')) throw error;
    await orAbsent(containerd.snapshots.remove({ snapshotter, key }, options));
  }
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

/**
 * The collector takes the init layer when it takes the image, and not before. Said before the layer
 * is there, so that the image has it from its first moment on.
 */
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
  wanted: Pick<NewSnapshot, 'key' | 'parent' | 'labels'>,
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
 * What the container alone has. `anything`: with what a broken try, or an earlier version, may have
 * left beside its root. Should a crash leave a part, the removal is not on record and done again.
 */
export async function removeSnapshots(
  deps: SnapshotDeps,
  id: ContainerId,
  there: Remains,
  options: CallOptions,
): Promise<void> {
  const { snapshotter, containerd } = deps;
  const keys = { nothing: [], root: [id], anything: [id, initKey(id)] }[there];
  const removed = keys.map((key) =>
    orAbsent(containerd.snapshots.remove({ snapshotter, key }, options)),
  );
  if (there === 'anything') removed.push(orAbsent(containerd.leases.delete(leaseOf(id), options)));
  await together(...removed);
}
