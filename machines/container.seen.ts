/**
 * What the runtime shows of our runs, in the words of the log: what to tell the actors, and which
 * tasks have not ended.
 */
import { containerStream, taskStream } from './container.decide.ts';
import type { Observation } from './decision.ts';
import type { ContainerId, StreamName } from './words.ts';

export interface SeenTask {
  readonly container: ContainerId;
  readonly run: number;
  /** containerd's word; `absent` for a record without a task. */
  readonly status: string;
}

export interface SeenObservation {
  readonly stream: StreamName;
  readonly observation: Observation;
}

/** Only what can differ from the log without an effect of ours: paused or not. */
export function observationsOf(tasks: readonly SeenTask[]): readonly SeenObservation[] {
  return tasks.flatMap(({ container, run, status }) =>
    status === 'running' || status === 'paused'
      ? [
          {
            stream: containerStream(container),
            observation: { type: 'task-seen' as const, container, run, status },
          },
        ]
      : [],
  );
}

/** Streams of the tasks that live, as far as anybody can tell; all others have ended. */
export function livingTasks(tasks: readonly SeenTask[]): ReadonlySet<StreamName> {
  const living = tasks.filter(({ status }) => status !== 'stopped' && status !== 'absent');
  return new Set(living.map(({ container, run }) => taskStream(container, run)));
}
