/**
 * `container.erase`: nothing of the container is left.
 * Plan: leftovers of the last run, unless this daemon has just cleaned it → mounts → snapshots and
 *   lease, those that there can be; beside them the output, then the directory with its log → the
 *   last probe's output → what is kept beside the log.
 */
import type { ContainerId } from '../../machines/words.ts';
import type { Handler } from '../handler.ts';
import { forgetProbe } from '../health/healthClean.ts';
import { subjectOf } from '../health/probeJournal.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { abandonOutput } from './output.ts';
import { containerPaths } from './paths.ts';
import { unmountAll } from './rootMount.ts';
import { type Remains, removeSnapshots } from './rootSnapshots.ts';
import { cleanRun } from './runClean.ts';
import { together } from './together.ts';

export function containerErase(deps: ContainerDeps): Handler<'container.erase'> {
  const row = {
    deadlineMs: 30_000,
    lane: 'serial',
    class: 'end',
    tries: 3,
    undo: { none: 'what was deleted can not be brought back' },
  } as const;
  return defineHandler(row, async ({ params: { id }, subject, signal }) => {
    const cleaned = deps.runs.take(id, subject.run, 'cleaned');
    if (subject.run > 0 && !cleaned) await cleanRun(deps, subject, subject.run, signal);
    if (!deps.rootMaker.untouched(id)) await unmounted(deps, id);
    const there = await deps.rootMaker.forget(id);
    await (there === 'nothing' ? eraseUntouched(deps, id) : eraseRest(deps, id, there, signal));
    if (subject.run > 0) await forgetProbe(deps, id, subject.run);
    deps.side.forget(subjectOf(id));
    return {};
  });
}

async function unmounted({ rootMounts, system, roots }: ContainerDeps, id: ContainerId) {
  await together(rootMounts.drop(id), unmountAll(system, containerPaths(roots, id).initRoot));
}

/** Nothing was made of its root; files there may be for all that, and who waits for a start. */
async function eraseUntouched(deps: ContainerDeps, id: ContainerId): Promise<void> {
  const abandoned = deps.stdio.isUsed(id) ? abandonOutput(deps, id) : Promise.resolve();
  await together(abandoned, directoryRemoved(deps, id));
}

async function eraseRest(
  deps: ContainerDeps,
  id: ContainerId,
  there: Remains,
  signal: AbortSignal,
): Promise<void> {
  const rest = abandonOutput(deps, id).then(() => directoryRemoved(deps, id));
  await together(removeSnapshots(deps, id, there, { signal }), rest);
}

const directoryRemoved = ({ system, roots }: ContainerDeps, id: ContainerId): Promise<void> =>
  system.files.remove(containerPaths(roots, id).directory);
