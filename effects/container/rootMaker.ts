/**
 * Makes the root of a container when it is first needed: by its first start, or by a copy before
 * that. Most containers are started at once after their create, which so need not wait for
 * containerd; one that is never started costs it nothing.
 */
import type { ImageRef } from '../../machines/container.config.ts';
import type { ContainerId } from '../../machines/words.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions, Mount } from '../containerd/types.ts';
import { makeSnapshots, type Remains, type SnapshotDeps } from './rootSnapshots.ts';
import type { Unstarted } from './unstarted.ts';

export interface RootMaker {
  /** The container is new: there is nothing of it in containerd. */
  born(id: ContainerId): void;
  /** For certain; a maker that was not there when it was born does not know. */
  untouched(id: ContainerId): boolean;
  /**
   * It is removed: once what is under way for it is over, nothing is made of it any more.
   * @returns what there may be of it; told once, for who asks again has been at it
   */
  forget(id: ContainerId): Promise<Remains>;
  /**
   * What to mount; made now if it has to be. @throws ContainerdError `not-found`: it ran, and its
   * root is gone, or there is no such container
   */
  layers(id: ContainerId, options: CallOptions): Promise<readonly Mount[]>;
}

export function makeRootMaker(deps: SnapshotDeps, unstarted: Unstarted): RootMaker {
  const { containerd, snapshotter } = deps;
  /**
   * What there is of a container as long as all went well; of any other, nobody knows. Bounded by
   * the containers that were created by this daemon and not removed.
   */
  const known = new Map<ContainerId, Exclude<Remains, 'anything'>>();
  const making = new Map<ContainerId, Promise<readonly Mount[]>>();
  const born = (id: ContainerId): void => void known.set(id, 'nothing');
  const untouched = (id: ContainerId): boolean => known.get(id) === 'nothing';
  unstarted.follow(born);

  async function make(id: ContainerId, image: ImageRef, options: CallOptions) {
    const fresh = untouched(id);
    known.delete(id);
    const mounts = await makeSnapshots(deps, { id, image, fresh }, options);
    if (fresh) known.set(id, 'root');
    return mounts;
  }

  const present = (key: ContainerId, options: CallOptions): Promise<readonly Mount[]> =>
    containerd.snapshots.mounts({ snapshotter, key }, options);

  async function presentOrMade(id: ContainerId, image: ImageRef, options: CallOptions) {
    if (untouched(id)) return await make(id, image, options);
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
    born,
    untouched,
    async forget(id) {
      await making.get(id)?.catch(() => undefined);
      const there = known.get(id) ?? 'anything';
      known.delete(id);
      return there;
    },
    layers,
  };
}
