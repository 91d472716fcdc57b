/**
 * `exec.start`: one more process in the container's task, running.
 * Plan: look (begun, or even ended: done) → process → open the output → Tasks.Exec, unless it was
 *   added by an earlier try → Tasks.Start.
 */
import { defineHandler } from '../container/define.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { lookAtRun, orAbsent } from '../container/runRecord.ts';
import { isContainerdError } from '../containerd/errors.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';
import { openExecOutput } from './execOutput.ts';
import { execProcess } from './execProcess.ts';

const ROW = { deadlineMs: 30_000, lane: 'serial', tries: 3, undo: 'exec.clean' } as const;

export function execStart(deps: ContainerDeps): Handler<'exec.start'> {
  return defineHandler(ROW, async ({ params: { id, run, exec }, subject, signal }) => {
    const { tasks } = deps.containerd;
    const options = { signal };
    const { own } = await lookAtRun(deps.containerd, id, run, options);
    if (own === undefined || own.status === 'stopped') {
      throw new EffectFailure('failed', `container ${id} is not running`);
    }
    const ref = { containerId: id, execId: exec };
    const known = await orAbsent(tasks.get(ref, options));
    if (known !== undefined && known.status !== 'created') return { pid: known.pid };
    const stdio = await openExecOutput(deps, subject.exec);
    if (known === undefined) {
      const spec = execProcess(deps, subject);
      await added(tasks.exec({ ...ref, ...stdio, spec }, options));
    }
    const { pid } = await tasks.start(ref, { ...options, deadlineMs: ROW.deadlineMs });
    return { pid };
  });
}

/** An earlier try that was not seen yet has added it: that is found at the next look. */
async function added(answer: Promise<void>): Promise<void> {
  try {
    await answer;
  } catch (error) {
    if (!isContainerdError(error, 'already-exists')) throw error;
    throw new EffectFailure('deadline', error.message);
  }
}
