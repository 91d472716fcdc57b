/**
 * What can happen to a task: one run of a container's process. Stream `task/<container
 * id>/<run>`.
 */
import type { ExitRecord } from './container.facts.ts';
import type { ContainerId, Fact } from './words.ts';

/**
 * containerd knows no run and pids wrap: a run is its label, pid, start time and boot id
 * together.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /**
   * Field 22 of /proc/<pid>/stat, in clock ticks since boot, decimal digits; empty if it was
   * gone.
   */
  readonly startTime: string;
  readonly bootId: string;
}

export type TaskFact =
  | Fact<
      'task.created',
      { readonly container: ContainerId; readonly run: number } & ProcessIdentity
    >
  /** Found running, or paused, in the runtime; somebody else made it. */
  | Fact<
      'task.adopted',
      { readonly container: ContainerId; readonly run: number } & ProcessIdentity
    >
  | Fact<'task.started', object>
  | Fact<'task.start-failed', { readonly message: string }>
  | Fact<'task.paused', object>
  | Fact<'task.resumed', object>
  | Fact<'task.exited', ExitRecord>
  | Fact<'task.deleted', object>;

export type TaskFactType = TaskFact['type'];
