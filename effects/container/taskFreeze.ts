/**
 * `task.pause` and `task.resume`: freeze and thaw all processes of the container.
 * Plan: look (already so is done) → Pause or Resume → look again until it is so.
 */
import { isContainerdError } from '../containerd/errors.ts';
import type { TaskStatus } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';
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
  const row = {
    deadlineMs: DEADLINE_MS,
    lane: 'serial',
    class: 'signal',
    tries: 3,
    undo: 'task.resume',
  } as const;
  return defineHandler(row, async ({ params, signal }) => {
    const status = await aliveStatusOf(deps, params, signal);
    if (status !== 'paused') {
      await deps.inTurn(params.id, async () => {
        signal.throwIfAborted();
        await unlessUnderWay(deps.containerd.tasks.pause(params.id, { signal }), 'paused');
      });
      await becomes(['paused'], deps, params, signal);
    }
    return {};
  });
}

export function taskResume(deps: ContainerDeps): Handler<'task.resume'> {
  const row = {
    deadlineMs: DEADLINE_MS,
    lane: 'serial',
    class: 'signal',
    tries: 3,
    undo: 'task.pause',
  } as const;
  return defineHandler(row, async ({ params, signal }) => {
    const status = await aliveStatusOf(deps, params, signal);
    if (status !== 'running') {
      await unlessUnderWay(deps.containerd.tasks.resume(params.id, { signal }), 'running');
      // A signal that was pending may end it at once: thawed it was.
      await becomes(['running', 'stopped'], deps, params, signal);
    }
    return {};
  });
}

/** `stopped` as well when the run's task is gone. */
async function statusOf(
  deps: ContainerDeps,
  { id, run }: RunParams,
  signal: AbortSignal,
): Promise<TaskStatus> {
  const { own } = await lookAtRun(deps.containerd, id, run, { signal });
  return own?.status ?? 'stopped';
}

/** @throws EffectFailure `failed` when the run's process is not there or has ended */
async function aliveStatusOf(
  deps: ContainerDeps,
  params: RunParams,
  signal: AbortSignal,
): Promise<TaskStatus> {
  const status = await statusOf(deps, params, signal);
  if (status === 'stopped') throw notRunning(params);
  return status;
}

/** An earlier try's call may have come further since the look; the next look tells. */
async function unlessUnderWay(answer: Promise<void>, wanted: TaskStatus): Promise<void> {
  try {
    await answer;
  } catch (error) {
    const already = error instanceof Error && error.message.includes(`a ${wanted} container`);
    if (!already || !isContainerdError(error, 'unknown')) throw error;
  }
}

const notRunning = ({ id }: RunParams): EffectFailure =>
  new EffectFailure('failed', `container ${id} is not running`);

/**
 * The freezer needs a moment with processes in the kernel; the handler's deadline bounds the wait.
 */
async function becomes(
  wanted: readonly TaskStatus[],
  deps: ContainerDeps,
  params: RunParams,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const status = await statusOf(deps, params, signal);
    if (wanted.includes(status)) return;
    if (status === 'stopped') throw notRunning(params);
    await deps.system.sleep(LOOK_AGAIN_MS, signal);
  }
}
