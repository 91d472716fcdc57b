/**
 * `exec.clean`: nothing of the exec is left, whatever state it was in. Its exit is on record, or
 * its start is taken for failed; then what runs after all is ended. Each step finds out for itself
 * whether there is anything to do. An exec id is never used twice: what is under it is the exec.
 */
import { defineHandler } from '../container/define.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { orAbsent } from '../container/runRecord.ts';
import { together } from '../container/together.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { Handler } from '../handler.ts';
import { closeExecOutput } from './execOutput.ts';
import type { ExitReads } from './exitReads.ts';

const SIGKILL = 9;
const ROW = {
  deadlineMs: 30_000,
  lane: 'serial',
  class: 'end',
  tries: 3,
  undo: { none: 'a process that has ended can not be brought back' },
} as const;

/**
 * Who waited for the end is told before anything is tidied up. Not longer: what comes next in the
 * container waits in the same lane.
 */
const CLIENTS_FIRST_MS = 2;

export function execClean(deps: ContainerDeps, reads: ExitReads): Handler<'exec.clean'> {
  return defineHandler(ROW, async ({ params, subject, signal }) => {
    const { id, exec } = params;
    // Of one whose start is taken for failed nobody reads the exit.
    reads.end(params);
    await deps.system.sleep(CLIENTS_FIRST_MS);
    const ended = typeof subject.exec.exit?.code === 'number';
    await together(forgetProcess(deps, id, exec, signal, ended), closeExecOutput(deps, exec));
    return {};
  });
}

/**
 * Ends the process of an exec if it runs, and lets containerd forget it.
 * @param ended it was seen to have ended
 */
export async function forgetProcess(
  deps: ContainerDeps,
  containerId: string,
  execId: string,
  signal: AbortSignal,
  ended = false,
): Promise<void> {
  try {
    const { tasks } = deps.containerd;
    const ref = { containerId, execId };
    const process = ended ? undefined : await orAbsent(tasks.get(ref, { signal }));
    if (process?.status === 'running') {
      await orAbsent(tasks.kill({ ...ref, signal: SIGKILL }, { signal }));
      await orAbsent(tasks.wait(ref, { signal, deadlineMs: ROW.deadlineMs }));
    }
    await orAbsent(tasks.deleteProcess(ref, { signal }));
  } catch (error) {
    // The shim has gone with the task in the same moment, and the process with it.
    if (!isContainerdError(error, 'unknown') || !error.message.includes('ttrpc: closed')) {
      throw error;
    }
  }
}
