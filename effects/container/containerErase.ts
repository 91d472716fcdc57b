/**
 * `container.erase`: nothing of the container is left.
 * Plan: leftovers of the last run, unless this daemon has just cleaned it → mounts → snapshots and
 *   lease, those that there can be; beside them the output, then the directory with its log → the
 *   last probe's output → what is kept beside the log.
 */
import type { Handler } from '../handler.ts';
import { forgetProbe } from '../health/healthClean.ts';
import { subjectOf } from '../health/probeJournal.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { abandonOutput } from './output.ts';
import { containerPaths } from './paths.ts';
import { unmountAll } from './rootMount.ts';
import { removeSnapshots } from './rootSnapshots.ts';
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
    const paths = containerPaths(deps.roots, id);
    const cleaned = deps.runs.take(id, subject.run, 'cleaned');
    if (subject.run > 0 && !cleaned) await cleanRun(deps, subject, subject.run, signal);
    const { system } = deps;
    await together(deps.rootMounts.drop(id), unmountAll(system, paths.initRoot));
    const there = await deps.rootMaker.forget(id);
    await together(
      removeSnapshots(deps, id, there, { signal }),
      abandonOutput(deps, id).then(() => system.files.remove(paths.directory)),
    );
    await forgetProbe(deps, id, subject.run);
    deps.side.forget(subjectOf(id));
    return {};
  });
}
