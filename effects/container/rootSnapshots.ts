/**
 * The snapshots of a container, under its lease: image chain ← `<id>-init` (committed, empty mount
 * points) ← `<id>` (what the container writes). Each step looks first: `already-exists` and
 * `not-found` say how far an earlier try has come.
 */
import type { ContainerId } from '../../machines/words.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions, Mount } from '../containerd/types.ts';
import type { ContainerDeps } from './deps.ts';
import { writeInitLayer } from './initLayer.ts';
import { containerPaths } from './paths.ts';
import { mountOnce, unmountAll } from './rootMount.ts';
import { orAbsent } from './runRecord.ts';

/**
 * Keeps the container's snapshots from the garbage collector for as long as the container lives.
 */
export const leaseOf = (id: ContainerId): string => `shiplog-${id}`;

const initName = (id: ContainerId): string => `${id}-init`;
/** Key of the init layer while it is written; a committed snapshot may not bear its own key. */
const initKey = (id: ContainerId): string => `${id}-init-key`;

export async function holdLease(
  deps: ContainerDeps,
  id: ContainerId,
  options: CallOptions,
): Promise<void> {
  try {
    await deps.containerd.leases.create(leaseOf(id), { 'shiplog.container': id }, options);
  } catch (error) {
    if (!isContainerdError(error, 'already-exists')) throw error;
  }
}

/** @param parent chain id of the image; empty for an image without layers */
export async function prepareSnapshots(
  deps: ContainerDeps,
  id: ContainerId,
  parent: string,
  options: CallOptions,
): Promise<void> {
  const { snapshotter, containerd } = deps;
  const leased = { ...options, lease: leaseOf(id) };
  const exists = async (key: string): Promise<boolean> =>
    (await orAbsent(containerd.snapshots.stat({ snapshotter, key }, options))) !== undefined;
  if (await exists(id)) return;
  if (!(await exists(initName(id)))) await makeInitLayer(deps, id, parent, leased);
  await prepared(deps, { key: id, parent: initName(id) }, leased);
}

async function makeInitLayer(
  deps: ContainerDeps,
  id: ContainerId,
  parent: string,
  options: CallOptions,
): Promise<void> {
  const { snapshotter, containerd, roots } = deps;
  const target = containerPaths(roots, id).initRoot;
  const mounts = await prepared(deps, { key: initKey(id), parent }, options);
  await mountOnce(target, mounts);
  try {
    await writeInitLayer(target);
  } finally {
    await unmountAll(target);
  }
  const key = initKey(id);
  await containerd.snapshots.commit({ snapshotter, key, name: initName(id) }, options);
}

/** Mounts of the active snapshot, made now or by an earlier try. */
async function prepared(
  deps: ContainerDeps,
  wanted: { readonly key: string; readonly parent: string },
  options: CallOptions,
): Promise<readonly Mount[]> {
  const { snapshotter, containerd } = deps;
  try {
    return await containerd.snapshots.prepare({ snapshotter, ...wanted }, options);
  } catch (error) {
    if (!isContainerdError(error, 'already-exists')) throw error;
    return await containerd.snapshots.mounts({ snapshotter, key: wanted.key }, options);
  }
}

/** Children before parents; then the lease, whose end runs the collector. */
export async function removeSnapshots(
  deps: ContainerDeps,
  id: ContainerId,
  options: CallOptions,
): Promise<void> {
  const { snapshotter, containerd } = deps;
  for (const key of [id, initName(id), initKey(id)]) {
    await orAbsent(containerd.snapshots.remove({ snapshotter, key }, options));
  }
  await orAbsent(containerd.leases.delete(leaseOf(id), { ...options, sync: true }));
}
