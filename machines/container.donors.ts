/**
 * Namespaces of other containers that a run joins: `container:<id>` as IPC, PID or network mode.
 *
 * Which run of the donor it is, is locked in by the start fact, as the runtime is: the donor's
 * process by pid and start time. Nothing is claimed. A donor may end at any moment, also a
 * moment after the joiner was started, and nobody could keep it from that; so the decision looks
 * at what the log says of the donor, and the handler, before and after it makes the task, whether
 * the donor's process is still that very one. A donor's next run is another one: joiners stay with
 * the dead namespaces of the former until they are started anew.
 */
import type { HostConfig } from './container.config.ts';
import type { ContainerContext } from './container.context.ts';
import type { View } from './decision.ts';
import type { TaskContext } from './task.machine.ts';
import type { ActorState, ContainerId } from './words.ts';

export type JoinedNamespace = 'ipc' | 'pid' | 'network';

/** One run of another container, by its process. */
export interface DonorRun {
  readonly container: ContainerId;
  readonly run: number;
  readonly pid: number;
  /** As in ProcessIdentity. */
  readonly startTime: string;
}

/** Whose shared memory is meant: a container's, or the host's. */
export type ShmOwner = ContainerId | 'host';

/** Why there is no run of the donor to join. */
export interface MissingDonor {
  readonly container: ContainerId;
  readonly missing: 'removed' | 'restarting' | 'not-running' | 'not-shareable';
}

/** What a run joins. */
export interface Donors {
  readonly ipc?: (DonorRun & { readonly shm: ShmOwner }) | MissingDonor;
  readonly pid?: DonorRun | MissingDonor;
  /** Its /etc/hosts and the like are those of whose namespace it is, `files`. */
  readonly network?: (DonorRun & { readonly files?: ContainerId }) | MissingDonor;
}

/** The donor's reference in a mode; undefined: the mode names none. */
export function donorOf(mode: string): string | undefined {
  return mode.startsWith('container:') ? mode.slice('container:'.length) : undefined;
}

/** Who is joined, as the log has it now; undefined: nobody. That one is missing fails the start. */
export function joins(view: View, hostConfig: HostConfig): Donors | undefined {
  const ipc = donorOf(hostConfig.IpcMode);
  const pid = donorOf(hostConfig.PidMode);
  const network = donorOf(hostConfig.NetworkMode);
  if (ipc === undefined && pid === undefined && network === undefined) return undefined;
  return {
    ...(ipc === undefined ? {} : { ipc: withMemory(view, donorRun(view, ipc)) }),
    ...(pid === undefined ? {} : { pid: donorRun(view, pid) }),
    ...(network === undefined ? {} : { network: withFiles(view, donorRun(view, network)) }),
  };
}

const COMING = new Set(['restarting', 'starting']);

/** Whether one that is to be joined does not run yet, and will without anybody's help. */
export function donorsComing(view: View, modes: HostConfig): boolean {
  return [modes.IpcMode, modes.PidMode, modes.NetworkMode].some((mode) => {
    const state = view.state(`container/${donorOf(mode)}`);
    return state !== undefined && COMING.has(firstWord(state));
  });
}

const contextOf = (view: View, id: ContainerId): ContainerContext | undefined =>
  view.state(`container/${id}`)?.context as ContainerContext | undefined;

function donorRun(view: View, container: ContainerId): DonorRun | MissingDonor {
  const state = view.state(`container/${container}`);
  const context = contextOf(view, container);
  const phase = state === undefined ? 'removed' : firstWord(state);
  if (context === undefined || phase === 'removed') return { container, missing: 'removed' };
  if (phase === 'restarting') return { container, missing: 'restarting' };
  const { run } = context;
  const task = view.state(`task/${container}/${run}`)?.context as TaskContext | undefined;
  if (!ALIVE.has(phase) || task === undefined) return { container, missing: 'not-running' };
  const { pid, startTime } = task.process;
  return { container, run, pid, startTime };
}

/** The first in a chain of those who join each other. */
function withFiles(view: View, donor: DonorRun | MissingDonor): NonNullable<Donors['network']> {
  if ('missing' in donor) return donor;
  const own = contextOf(view, donor.container)?.donors?.network;
  const first = own !== undefined && !('missing' in own) ? own.files : undefined;
  return { ...donor, files: first ?? donor.container };
}

/** Whether it shares is asked first: dockerd says so of one that does not run, too. */
function withMemory(view: View, donor: DonorRun | MissingDonor): NonNullable<Donors['ipc']> {
  const context = contextOf(view, donor.container);
  const gone = 'missing' in donor && donor.missing === 'removed';
  if (context === undefined || gone) return { container: donor.container, missing: 'removed' };
  const mode = context.hostConfig.IpcMode;
  if (mode === 'private' || mode === 'none') {
    return { container: donor.container, missing: 'not-shareable' };
  }
  if ('missing' in donor) return donor;
  const shm = sharedMemoryOf(context);
  if (shm === undefined) return { container: donor.container, missing: 'not-running' };
  return { ...donor, shm };
}

const ALIVE = new Set(['running', 'pausing', 'paused', 'unpausing', 'stopping']);

function firstWord({ value }: ActorState): string {
  return typeof value === 'string' ? value : (Object.keys(Object(value))[0] ?? '');
}

/** Undefined: its own donor is not known. Logs from before there were modes mean shareable. */
function sharedMemoryOf({ id, hostConfig, donors }: ContainerContext): ShmOwner | undefined {
  const mode = hostConfig.IpcMode;
  if (mode === 'host') return 'host';
  if (mode === 'shareable' || mode === '') return id;
  const own = donors?.ipc;
  return own !== undefined && 'shm' in own ? own.shm : undefined;
}
