/**
 * A container's root on the host. It is mounted at most once: a second overlay mount of the same
 * upper directory is undefined, so everybody who needs the root uses this one mount point.
 */
import { mkdir, rmdir } from 'node:fs/promises';
import type { Mount } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import { codeOf } from '../system/libc.ts';
import { isMounted, mount, unmount } from '../system/mounts.ts';

/** Makes the mount point and mounts a snapshot on it, unless that is so already. */
export async function mountOnce(target: string, mounts: readonly Mount[]): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o710 });
  if (isMounted(target)) return;
  const [layer, ...more] = mounts;
  if (layer === undefined || more.length > 0) {
    throw new EffectFailure('failed', `snapshot has ${mounts.length} mounts, one was expected`);
  }
  await mount({ ...layer, target });
}

/**
 * Takes the mount away, at once even if somebody uses it, and the mount point with it. Whether one
 * is left is asked of rmdir: a mount point is busy, and the host's list of mounts grows with every
 * container.
 */
export async function unmountAll(target: string): Promise<void> {
  while (!(await removed(target))) {
    try {
      await unmount(target, { detach: false });
    } catch (error) {
      if (codeOf(error) !== 'EBUSY') throw error;
      await unmount(target, { detach: true });
    }
  }
}

/** False: something is mounted on it. */
async function removed(target: string): Promise<boolean> {
  try {
    await rmdir(target);
    return true;
  } catch (error) {
    const code = codeOf(error);
    // Without a mount it is somebody's working directory, or a mount point in another namespace.
    if (code === 'EBUSY' && isMounted(target)) return false;
    if (code === 'ENOENT') return true;
    throw error;
  }
}
