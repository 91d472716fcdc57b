/**
 * `exec.clean`: nothing of the exec is left, whatever state it was in. Its exit is on record, or it
 * never started. Each step finds out for itself whether there is anything to do.
 */
import { defineHandler } from '../container/define.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { lookAtRun, orAbsent } from '../container/runRecord.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { Handler } from '../handler.ts';
import { closeExecOutput } from './execOutput.ts';

export function execClean(deps: ContainerDeps): Handler<'exec.clean'> {
  const undo = { none: 'a process that has ended can not be brought back' };
  const row = { deadlineMs: 30_000, lane: 'serial', tries: 3, undo } as const;
  return defineHandler(row, async ({ params: { id, run, exec }, signal }) => {
    const { own } = await lookAtRun(deps.containerd, id, run, { signal });
    if (own !== undefined) await forgetProcess(deps, id, exec, signal);
    await closeExecOutput(deps, exec);
    return {};
  });
}

async function forgetProcess(
  deps: ContainerDeps,
  containerId: string,
  execId: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    const ref = { containerId, execId };
    await orAbsent(deps.containerd.tasks.deleteProcess(ref, { signal }));
  } catch (error) {
    // The shim has gone with the task in the same moment, and the process with it.
    if (!isContainerdError(error, 'unknown') || !error.message.includes('ttrpc: closed')) {
      throw error;
    }
  }
}
