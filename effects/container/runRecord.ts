/**
 * containerd's view of a run: its record, labelled with the run, and its task. Pids wrap and
 * containerd knows no runs (law 8), so nothing is believed of a task before the label was read.
 */
import type { ContainerId } from '../../machines/words.ts';
import type { Containerd } from '../containerd/client.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions, ContainerRecord, Labels, TaskProcess } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';

export const CONTAINER_LABEL = 'shiplog.container';
export const RUN_LABEL = 'shiplog.run';
/** The boot the record was written in: tells a lost task from a host that was restarted. */
export const BOOT_LABEL = 'shiplog.boot';

export function runLabels(id: ContainerId, run: number, bootId: string): Labels {
  return { [CONTAINER_LABEL]: id, [RUN_LABEL]: String(run), [BOOT_LABEL]: bootId };
}

/** Number of the run that wrote the record; undefined if it is none of ours. */
export function runOf(record: ContainerRecord): number | undefined {
  const label = record.labels[RUN_LABEL];
  return label !== undefined && /^\d+$/.test(label) ? Number(label) : undefined;
}

export interface RunSight {
  readonly record: ContainerRecord | undefined;
  /** Whose task it is stands in the record's label, not in the task. */
  readonly task: TaskProcess | undefined;
  /** The task, if the record says that it belongs to the run that was asked for. */
  readonly own: TaskProcess | undefined;
}

/** Looks at record and task. @throws ContainerdError other than `not-found` */
export async function lookAtRun(
  containerd: Containerd,
  id: ContainerId,
  run: number,
  options: CallOptions,
): Promise<RunSight> {
  // Both at once: nothing is asked of containerd for this container but by the one effect that
  // looks, so that they can not be of different runs.
  const [record, task] = await Promise.all([
    orAbsent(containerd.containers.get(id, options)),
    orAbsent(containerd.tasks.get({ containerId: id }, options)),
  ]);
  // Without a record every call for the task is `not-found`, even if it runs.
  if (record === undefined) return { record, task: undefined, own: undefined };
  return { record, task, own: runOf(record) === run ? task : undefined };
}

/**
 * Writes the record of a run. A call of an earlier try may come after the look: its record is as
 * good as this try's. @throws EffectFailure `unavailable`: another one came and went meanwhile
 */
export async function putRecord(
  containerd: Containerd,
  record: Parameters<Containerd['containers']['create']>[0],
  run: number,
  options: CallOptions,
): Promise<void> {
  try {
    await containerd.containers.create(record, options);
  } catch (error) {
    if (!isContainerdError(error, 'already-exists')) throw error;
    const there = await orAbsent(containerd.containers.get(record.id, options));
    if (there !== undefined && runOf(there) === run) return;
    throw new EffectFailure('unavailable', `a record of ${record.id} came and went meanwhile`);
  }
}

/** The answer, or undefined when containerd says `not-found`. */
export async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isContainerdError(error, 'not-found')) return undefined;
    throw error;
  }
}

/**
 * Lets containerd forget a task that has ended or is not there. A containerd that died while it
 * made a task comes back with its shim and without the task: to delete what is `not-found` ends
 * that shim, and unless it is ended the next task of this id would `already exist`.
 * @param there whether containerd knows the task
 */
export async function forgetTask(
  containerd: Containerd,
  id: ContainerId,
  there: boolean,
  options: CallOptions,
): Promise<void> {
  try {
    await orAbsent(containerd.tasks.delete(id, options));
  } catch (error) {
    // There was no task but a dead shim, which containerd has let go of as well.
    if (there || !isContainerdError(error, 'unknown')) throw error;
    if (!error.message.includes('ttrpc: closed')) throw error;
  }
}
