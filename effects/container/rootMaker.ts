/**
 * Makes the root of a container when it is first needed: by its first start, or by a copy before
 * that. Most containers are started at once after their create, which so need not wait for
 * containerd; one that is never started costs it nothing.
 */
import type { ImageRef } from '../../machines/container.config.ts';
import type { ContainerId } from '../../machines/words.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions, Mount } from '../containerd/types.ts';
import { holdLease, makeSnapshots, type SnapshotDeps } from './rootSnapshots.ts';
import type { Unstarted } from './unstarted.ts';

export interface RootMaker {
  /** The container is new: there is nothing of it in containerd. */
  born(id: ContainerId): void;
  /** For certain; a maker that was not there when it was born does not know. */
  untouched(id: ContainerId): boolean;
  /** It is removed: once what is under way for it is over, nothing is made of it any more. */
  forget(id: ContainerId): Promise<void>;
  /**
   * What to mount; made now if it has to be. @throws ContainerdError `not-found`: it ran, and its
   * root is gone, or there is no such container
   */
  layers(id: ContainerId, options: CallOptions): Promise<readonly Mount[]>;
}

export function makeRootMaker(deps: SnapshotDeps, unstarted: Unstarted): RootMaker {
  const { containerd, snapshotter } = deps;
  /** Bounded by the containers that were created by this daemon and not started. */
  const untouched = new Set<ContainerId>();
  const making = new Map<ContainerId, Promise<readonly Mount[]>>();
  unstarted.follow((id) => untouched.add(id));

  async function make(id: ContainerId, image: ImageRef, options: CallOptions) {
    const fresh = untouched.delete(id);
    await holdLease(deps, id, options);
    return await makeSnapshots(deps, { id, image, fresh }, options);
  }

  const present = (key: ContainerId, options: CallOptions): Promise<readonly Mount[]> =>
    containerd.snapshots.mounts({ snapshotter, key }, options);

  async function presentOrMade(id: ContainerId, image: ImageRef, options: CallOptions) {
    if (untouched.has(id)) return await make(id, image, options);
    try {
      return await present(id, options);
    } catch (error) {
      if (!isContainerdError(error, 'not-found')) throw error;
      return await make(id, image, options);
    }
  }

  /** Two would get in each other's way: one makes it after the other has failed. */
  async function layers(id: ContainerId, options: CallOptions): Promise<readonly Mount[]> {
    await making.get(id)?.catch(() => undefined);
    const image = unstarted.imageOf(id);
    if (image === undefined) return await present(id, options);
    if (making.has(id)) return await layers(id, options);
    const made = presentOrMade(id, image, options).finally(() => making.delete(id));
    making.set(id, made);
    return await made;
  }

  return {
    born: (id) => void untouched.add(id),
    untouched: (id) => untouched.has(id),
    async forget(id) {
      await making.get(id)?.catch(() => undefined);
      untouched.delete(id);
    },
    layers,
  };
}
