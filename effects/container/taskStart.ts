/**
 * `task.start`: lets the created process run.
 * Plan: look, unless this daemon has just made it (already begun, or even ended, is done)
 *   → Tasks.Start.
 */
import { isContainerdError } from '../containerd/errors.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { lookAtRun } from './runRecord.ts';

/** Whoever started it, it has run (containerd 1.6 and later). */
const ALREADY = /cannot start a (running|stopped) process/;

export function taskStart(deps: ContainerDeps): Handler<'task.start'> {
  const row = {
    deadlineMs: 30_000,
    lane: 'serial',
    class: 'start',
    tries: 3,
    undo: 'run.clean',
  } as const;
  return defineHandler(row, async ({ params: { id, run }, signal }) => {
    const gone = `task ${id} of run ${run} is gone before it was started`;
    const known = deps.runs.take(id, run, 'created');
    if (!known) {
      const { own } = await lookAtRun(deps.containerd, id, run, { signal });
      if (own === undefined) throw new EffectFailure('failed', gone);
      if (own.status !== 'created') return { pid: own.pid, atNs: null };
    }
    const options = { signal, deadlineMs: row.deadlineMs };
    // The text of a refusal goes to the caller as containerd gives it, like dockerd does.
    // Read before, for the process may have ended when the answer comes.
    const atNs = String(deps.system.nowNs());
    const { pid } = await begun(deps.containerd.tasks.start({ containerId: id }, options), gone);
    if (known) deps.runs.note(id, run, 'started');
    return { pid, atNs };
  });
}

/**
 * A killed daemon's call may have come after the look: what came of it is looked at again. So may
 * the death of the shim: then there is nothing to start.
 */
async function begun<T>(answer: Promise<T>, gone: string): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isContainerdError(error, 'not-found'))
      throw new EffectFailure('failed', gone, { cause: error });
    if (!isContainerdError(error, 'unknown') || !ALREADY.test(error.message)) throw error;
    throw new EffectFailure('deadline', error.message, { cause: error });
  }
}
