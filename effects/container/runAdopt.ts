/**
 * `run.adopt`: somebody else's record and task become those of a run of ours.
 * Plan: look, until a record without a process is no longer new → label the record with the run
 *   → look at the task. Labels alone are written: the task itself is not touched, and a second try
 *   finds its own labels.
 */
import type { EffectData } from '../../machines/effects.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';
import { startedAtNs, startTime } from '../system/process.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { CONTAINER_LABEL, lookAtRun, type RunSight, runLabels } from './runRecord.ts';

export function runAdopt(deps: ContainerDeps): Handler<'run.adopt'> {
  const row = {
    deadlineMs: 10_000,
    lane: 'serial',
    class: 'signal',
    tries: 3,
    undo: { none: 'labels on a record that nobody reads do no harm' },
  } as const;
  return defineHandler(row, async ({ params: { id, run }, signal }) => {
    const { record, task } = await lookAtSettled(deps, id, run, signal);
    if (record === undefined) throw new EffectFailure('failed', `containerd has no record ${id}`);
    const owner = record.labels[CONTAINER_LABEL];
    if (owner !== undefined && owner !== id) {
      throw new EffectFailure('failed', `the record ${id} is labelled as that of ${owner}`);
    }
    if (task?.status === 'created') {
      throw new EffectFailure('failed', `the task ${id} was made and not started`);
    }
    await deps.containerd.containers.update(id, runLabels(id, run, deps.bootId), { signal });
    return found(deps, task);
  });
}

/** Who makes a container by hand has its process a moment after the record. */
const NEW_NS = 2_000_000_000n;
const LOOK_AGAIN_MS = 100;

async function lookAtSettled(
  deps: ContainerDeps,
  id: string,
  run: number,
  signal: AbortSignal,
): Promise<RunSight> {
  for (;;) {
    const sight = await lookAtRun(deps.containerd, id, run, { signal });
    const { record, task } = sight;
    const madeNs = record?.createdAtNs ?? null;
    const starts = task === undefined || task.status === 'created';
    if (!starts || madeNs === null) return sight;
    const ageNs = deps.system.nowNs() - madeNs;
    if (ageNs < 0n || ageNs > NEW_NS) return sight;
    await deps.system.sleep(LOOK_AGAIN_MS, signal);
  }
}

/** One that has ended is adopted all the same: its exit is read as any other. */
function found(
  deps: ContainerDeps,
  task: { readonly pid: number; readonly status: string } | undefined,
): EffectData['run.adopt'] {
  if (task === undefined) return { task: null, atNs: null };
  const { pid, status } = task;
  const process = { pid, startTime: startTime(pid) ?? '', bootId: deps.bootId };
  const atNs = startedAtNs(pid);
  return {
    task: { ...process, paused: status === 'paused' },
    atNs: atNs === undefined ? null : String(atNs),
  };
}
