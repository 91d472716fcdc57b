/**
 * A container's root on the host. It is mounted at most once: a second overlay mount of the same
 * upper directory is undefined, so everybody who needs the root uses this one mount point.
 */
import type { Mount } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import { codeOf } from '../system/libc.ts';
import type { SystemPort } from './systemPort.ts';

type System = Pick<SystemPort, 'files' | 'mounts'>;

/** Makes the mount point and mounts a snapshot on it, unless that is so already. */
export async function mountOnce(
  { files, mounts }: System,
  target: string,
  layers: readonly Mount[],
): Promise<void> {
  await files.makeDirectories(target, 0o710);
  if (mounts.isMounted(target)) return;
  const [layer, ...more] = layers;
  if (layer === undefined || more.length > 0) {
    throw new EffectFailure('failed', `snapshot has ${layers.length} mounts, one was expected`);
  }
  await mounts.mount({ ...layer, target });
}

/**
 * Takes the mount away, at once even if somebody uses it, and the mount point with it. Whether one
 * is left is asked of rmdir: a mount point is busy, and the host's list of mounts grows with every
 * container.
 */
export async function unmountAll(system: System, target: string): Promise<void> {
  const { mounts } = system;
  while (!(await removed(system, target))) {
    try {
      await mounts.unmount(target, { detach: false });
    } catch (error) {
      if (codeOf(error) !== 'EBUSY') throw error;
      await mounts.unmount(target, { detach: true });
    }
  }
}

/** False: something is mounted on it. */
async function removed({ files, mounts }: System, target: string): Promise<boolean> {
  try {
    await files.removeDirectory(target);
    return true;
  } catch (error) {
    // Without a mount it is somebody's working directory, or a mount point in another namespace.
    if (codeOf(error) === 'EBUSY' && mounts.isMounted(target)) return false;
    throw error;
  }
}
