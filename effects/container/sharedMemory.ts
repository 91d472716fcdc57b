/**
 * The shared memory that others may join: a file system of the host's, so that it outlives the
 * daemon and containers can be given it; it ends with the run. A private one is the container's own
 * mount and nobody else's.
 */
import type { SpecSubject } from '../spec/types.ts';
import { containerPaths, type Roots } from './paths.ts';
import { mountOnce } from './rootMount.ts';
import type { SystemPort } from './systemPort.ts';

/** Of a shareable container; of others nothing is done. Repeatable, and made again after a boot. */
export async function mountSharedMemory(
  system: Pick<SystemPort, 'files' | 'mounts'>,
  roots: Roots,
  { id, hostConfig }: SpecSubject,
): Promise<void> {
  const mode = hostConfig.IpcMode;
  if (mode !== 'shareable' && mode !== '') return;
  const { shm } = containerPaths(roots, id);
  const options = ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${hostConfig.ShmSize}`];
  await mountOnce(system, shm, [{ type: 'tmpfs', source: 'shm', target: shm, options }]);
}
