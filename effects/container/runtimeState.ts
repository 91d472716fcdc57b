/**
 * What the OCI runtime itself keeps of a container: its state, and the control group. After the
 * death of a shim containerd lets the runtime forget the container, but answers `not-found` before
 * that is over; and a containerd that dies meanwhile leaves it half done. A next run would then be
 * refused: the id is taken.
 */
import { join } from 'node:path';
import type { ContainerContext } from '../../machines/container.context.ts';
import { cgroupsPath } from '../spec/cgroup.ts';
import { groupDirectory } from './cgroupDirectory.ts';
import type { ContainerDeps } from './deps.ts';
import type { SystemPort } from './systemPort.ts';

const LOOKS = 40;
const LOOK_AGAIN_MS = 50;

/**
 * Resolves when the runtime knows the container no more: by itself within two seconds, or because
 * we ended the process, if it still was one, and removed the state; and when its control group is
 * gone. To be called without a task only.
 */
export async function forgetRuntimeState(
  deps: ContainerDeps,
  container: ContainerContext,
  signal: AbortSignal,
): Promise<void> {
  const { id, runtime } = container;
  if (runtime === null) return;
  const { root } = runtime.options;
  if (root !== '') await forgetState(deps, join(root, deps.containerd.namespace, id), signal);
  await endGroup(deps, container, signal);
}

async function forgetState(
  { system }: ContainerDeps,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  for (let look = 0; await system.files.exists(directory); look += 1) {
    if (look === LOOKS) return await removeState(system, directory, signal);
    await system.sleep(LOOK_AGAIN_MS, signal);
  }
}

/** A group that can not be ended within two seconds is told, and keeps nobody waiting. */
async function endGroup(
  { system, host, cgroupRoot, warn }: ContainerDeps,
  container: ContainerContext,
  signal: AbortSignal,
): Promise<void> {
  const group = groupDirectory(cgroupsPath(container, host), host.cgroup.driver);
  for (let look = 0; !system.controlGroups.end(cgroupRoot, group); look += 1) {
    if (look === LOOKS) return warn(new Error(`busy: ${group}`), 'a control group stays behind');
    await system.sleep(LOOK_AGAIN_MS, signal);
  }
}

async function removeState(
  { files, processes, sleep }: SystemPort,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const init = initProcess(await files.readText(join(directory, 'state.json')));
  if (init !== undefined) {
    processes.kill(init.pid, init.startTime);
    while (processes.isAlive(init.pid, init.startTime)) await sleep(LOOK_AGAIN_MS, signal);
  }
  await files.remove(directory);
}

/** The process as runc wrote it down: pid and start time, so that no other is ever taken for it. */
function initProcess(
  text: string | undefined,
): { readonly pid: number; readonly startTime: string } | undefined {
  if (text === undefined) return undefined;
  try {
    const state: unknown = JSON.parse(text);
    if (typeof state !== 'object' || state === null) return undefined;
    if (!('init_process_pid' in state) || !('init_process_start' in state)) return undefined;
    const { init_process_pid: pid, init_process_start: start } = state;
    return typeof pid === 'number' && pid > 0 ? { pid, startTime: String(start) } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
