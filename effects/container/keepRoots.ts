/**
 * Before an image goes by force: the roots of containers that were created of it and never started
 * are made, so that they can be started afterwards. They keep what they need of the image.
 */
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions } from '../containerd/types.ts';
import type { RootMounts } from './rootMounts.ts';
import type { Unstarted } from './unstarted.ts';

export async function keepRoots(
  rootMounts: Pick<RootMounts, 'hold'>,
  unstarted: Unstarted,
  image: string,
  options: CallOptions,
): Promise<void> {
  for (const id of unstarted.madeOf(image)) {
    try {
      // Held for a moment: what makes a root takes its turn with what removes it.
      await (await rootMounts.hold(id, options)).release();
    } catch (error) {
      // It is being removed.
      if (unstarted.imageOf(id) !== undefined || !isContainerdError(error, 'not-found'))
        throw error;
    }
  }
}
