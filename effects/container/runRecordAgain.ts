/**
 * `run.record`: a record that somebody deleted from under a living task is written again. Without
 * it containerd refuses every call for the task, although it runs and is listed.
 * Plan: look (there: done) → the task in the list is that of the run, by its pid → write a record.
 *
 * What the new record says of the process is the little that containerd asks for: the task was made
 * from the old one and reads it no more.
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import type { CallOptions } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { runtimeOf } from './lockedRuntime.ts';
import { orAbsent, putRecord, runLabels, runOf } from './runRecord.ts';

const ROW = {
  deadlineMs: 10_000,
  lane: 'serial',
  class: 'signal',
  tries: 3,
  undo: { none: 'run.clean deletes the record with the run' },
} as const;
const SPEC = { ociVersion: '1.0.2' };

export function runRecordAgain(deps: ContainerDeps): Handler<'run.record'> {
  return defineHandler(ROW, async ({ params: { id, run }, subject, signal }) => {
    const options = { signal };
    const record = await orAbsent(deps.containerd.containers.get(id, options));
    if (record !== undefined) {
      if (runOf(record) === run) return {};
      throw new EffectFailure('failed', `there is another record of the id ${id}`);
    }
    if (!(await livesWithoutRecord(deps, subject, options))) {
      throw new EffectFailure('failed', 'its task is gone as well');
    }
    if (subject.runtime === null) throw new EffectFailure('failed', 'its runtime is not known');
    const { snapshotter, bootId } = deps;
    const again = {
      id,
      labels: runLabels(id, run, bootId),
      image: '',
      runtime: runtimeOf(subject.runtime),
      spec: SPEC,
      snapshotter,
      snapshotKey: id,
    };
    await putRecord(deps.containerd, again, run, options);
    return {};
  });
}

/** Whether containerd lists the task of the present run; to be asked when there is no record. */
export async function livesWithoutRecord(
  { containerd }: Pick<ContainerDeps, 'containerd'>,
  { id, pid }: Pick<ContainerContext, 'id' | 'pid'>,
  options: CallOptions,
): Promise<boolean> {
  const tasks = await containerd.tasks.list(options);
  return tasks.some((task) => task.id === id && task.pid === pid && pid !== 0);
}
