/**
 * `task.kill`: sends a signal to the container's process.
 * Plan: look whose task it is → Tasks.Kill. A signal leaves nothing behind to look for: after a
 * crash in between it is sent twice, which for the signals that end a process is the same as once.
 */
import { isContainerdError } from '../containerd/errors.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { lookAtRun } from './runRecord.ts';

const FINISHED = 'process already finished';

export function taskKill(deps: ContainerDeps): Handler<'task.kill'> {
  const row = {
    deadlineMs: 10_000,
    lane: 'serial',
    class: 'signal',
    tries: 3,
    undo: { none: 'a signal can not be taken back' },
  } as const;
  return defineHandler(row, async ({ params: { id, run, signal: number }, signal }) => {
    const { own } = await lookAtRun(deps.containerd, id, run, { signal });
    if (own === undefined || own.status === 'stopped') throw new EffectFailure('failed', FINISHED);
    try {
      await deps.containerd.tasks.kill({ containerId: id, signal: number }, { signal });
    } catch (error) {
      if (!isContainerdError(error, 'not-found')) throw error;
      throw new EffectFailure('failed', FINISHED, { cause: error });
    }
    return {};
  });
}
