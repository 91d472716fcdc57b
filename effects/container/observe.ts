/** What containerd knows of our runs, for reconcile: all of them at once, in two calls. */
import type { ContainerId } from '../../machines/words.ts';
import type { Containerd } from '../containerd/client.ts';
import type { CallOptions, TaskStatus } from '../containerd/types.ts';
import { CONTAINER_LABEL, runOf } from './runRecord.ts';

export interface SeenRun {
  readonly container: ContainerId;
  readonly run: number;
  /** `absent`: a record without a task. */
  readonly status: TaskStatus | 'absent';
  /** 0 without a task. */
  readonly pid: number;
}

export interface SeenRuns {
  readonly runs: readonly SeenRun[];
  /** Tasks whose record is not ours, or missing: left alone, and reported. */
  readonly unknownTasks: readonly string[];
}

/** @throws ContainerdError */
export async function listRuns(
  containerd: Pick<Containerd, 'containers' | 'tasks'>,
  options: CallOptions = {},
): Promise<SeenRuns> {
  // Tasks first: a run that begins in between shows as a record without a task, never as a
  // stranger. One that ends in between does, so a stranger is reported and never acted upon.
  const tasks = new Map((await containerd.tasks.list(options)).map((task) => [task.id, task]));
  const runs: SeenRun[] = [];
  for (const record of await containerd.containers.list([], options)) {
    const run = runOf(record);
    if (record.labels[CONTAINER_LABEL] !== record.id || run === undefined) continue;
    const task = tasks.get(record.id);
    tasks.delete(record.id);
    const { status = 'absent', pid = 0 } = task ?? {};
    runs.push({ container: record.id, run, status, pid });
  }
  return { runs, unknownTasks: [...tasks.keys()] };
}
