/**
 * `task.pause` and `task.resume`: freeze and thaw all processes of the container.
 * Plan: look (already so is done) → Pause or Resume → look again until it is so.
 */
import type { TaskStatus } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';
import { sleep } from '../system/clock.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { lookAtRun } from './runRecord.ts';

interface RunParams {
  readonly id: string;
  readonly run: number;
}

const DEADLINE_MS = 10_000;
const LOOK_AGAIN_MS = 20;

export function taskPause(deps: ContainerDeps): Handler<'task.pause'> {
  const row = { deadlineMs: DEADLINE_MS, lane: 'serial', tries: 3, undo: 'task.resume' } as const;
  return defineHandler(row, async ({ params, signal }) => {
    const status = await statusOf(deps, params, signal);
    if (status !== 'paused') {
      await deps.containerd.tasks.pause(params.id, { signal });
      await becomes(deps, params, 'paused', signal);
    }
    return {};
  });
}

export function taskResume(deps: ContainerDeps): Handler<'task.resume'> {
  const row = { deadlineMs: DEADLINE_MS, lane: 'serial', tries: 3, undo: 'task.pause' } as const;
  return defineHandler(row, async ({ params, signal }) => {
    const status = await statusOf(deps, params, signal);
    if (status !== 'running') {
      await deps.containerd.tasks.resume(params.id, { signal });
      await becomes(deps, params, 'running', signal);
    }
    return {};
  });
}

/** @throws EffectFailure `failed` when the run's process is not there or has ended */
async function statusOf(
  deps: ContainerDeps,
  { id, run }: RunParams,
  signal: AbortSignal,
): Promise<TaskStatus> {
  const { own } = await lookAtRun(deps.containerd, id, run, { signal });
  if (own === undefined || own.status === 'stopped') {
    throw new EffectFailure('failed', `container ${id} is not running`);
  }
  return own.status;
}

/**
 * The freezer needs a moment with processes in the kernel; the handler's deadline bounds the wait.
 */
async function becomes(
  deps: ContainerDeps,
  params: RunParams,
  wanted: TaskStatus,
  signal: AbortSignal,
): Promise<void> {
  while ((await statusOf(deps, params, signal)) !== wanted) await sleep(LOOK_AGAIN_MS, signal);
}
