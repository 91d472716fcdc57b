/**
 * Namespaces of other containers that a run joins. Which process gives them is in the start fact;
 * here it is asked whether it is still that one. Asked before and after the task is made: what was
 * so at both moments was so when the runtime opened the namespace by the process's number.
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import type { DonorRun, JoinedNamespace, MissingDonor } from '../../machines/container.donors.ts';
import { EffectFailure } from '../failure.ts';
import { containerPaths, type Roots } from './paths.ts';
import type { SystemPort } from './systemPort.ts';

const NAMESPACES: readonly JoinedNamespace[] = ['ipc', 'pid', 'network'];
const NOT_RUNNING = 'cannot join network namespace of a non running container: ';
const HOST_SHM = '/dev/shm';

type Joiner = Pick<ContainerContext, 'hostConfig' | 'donors'>;

/**
 * @throws EffectFailure `failed` with dockerd's text: a donor is not there to be joined, or its
 *   process is another one by now
 */
export function checkDonors(
  { processes }: Pick<SystemPort, 'processes'>,
  { donors = {} }: Joiner,
): void {
  for (const namespace of NAMESPACES) {
    const donor = donors[namespace];
    if (donor === undefined) continue;
    if ('missing' in donor) throw new EffectFailure('failed', textOf(namespace, donor));
    if (lives(processes, donor)) continue;
    const { container } = donor;
    const message = textOf(namespace, { container, missing: 'not-running' });
    throw new EffectFailure('failed', message);
  }
}

function lives({ startTime }: SystemPort['processes'], donor: DonorRun): boolean {
  return startTime(donor.pid) === donor.startTime;
}

function textOf(namespace: JoinedNamespace, { container, missing }: MissingDonor): string {
  const what = {
    removed: `No such container: ${container}`,
    restarting: `container ${container} is restarting, wait until the container is running`,
    'not-running': `container ${container} is not running`,
    'not-shareable':
      `container ${container}: non-shareable IPC ` +
      '(hint: use IpcMode:shareable for the donor container)',
  }[missing];
  if (namespace === 'ipc') return `failed to join IPC namespace: ${what}`;
  return namespace === 'network' && missing === 'not-running' ? NOT_RUNNING + what : what;
}

/** What lies on /dev/shm, on the host; undefined: a file system of the container's own. */
export function sharedMemoryPath(
  roots: Roots,
  { id, hostConfig, donors }: Joiner & Pick<ContainerContext, 'id'>,
): string | undefined {
  const mode = hostConfig.IpcMode;
  if (mode === 'host') return HOST_SHM;
  // Logs from before there were modes mean shareable.
  if (mode === 'shareable' || mode === '') return containerPaths(roots, id).shm;
  const donor = donors?.ipc;
  if (donor === undefined || !('shm' in donor)) return undefined;
  return donor.shm === 'host' ? HOST_SHM : containerPaths(roots, donor.shm).shm;
}
