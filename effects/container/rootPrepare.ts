/**
 * `root.prepare`: what a container has before its first start. Plan: lease → writable snapshot
 * (on the image's init layer, made if it is the first of its image); beside it the directory with
 * its files. At last empty volumes get what the image has at their targets.
 */
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';
import { fillVolumes } from '../volumes/fillVolumes.ts';
import { writeContainerFiles } from './containerFiles.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { holdLease, prepareSnapshots } from './rootSnapshots.ts';
import { together } from './together.ts';

/** One that is there already is neither made nor changed. */
async function checkRoot({ system }: ContainerDeps, path: string): Promise<void> {
  if (await system.files.isDirectory(path)) return;
  throw new EffectFailure('failed', `root file system ${path}: no such directory`);
}

export function rootPrepare(deps: ContainerDeps): Handler<'root.prepare'> {
  const row = {
    deadlineMs: 60_000,
    lane: 'serial',
    class: 'begin',
    tries: 3,
    undo: 'container.erase',
  } as const;
  return defineHandler(row, async ({ params, subject, signal }) => {
    const external = subject.custom?.root;
    const snapshots = async (): Promise<void> => {
      if (external !== undefined) return await checkRoot(deps, external);
      await holdLease(deps, params.id, { signal });
      await prepareSnapshots(deps, params.id, subject.image, { signal });
    };
    await together(snapshots(), writeContainerFiles(deps, subject));
    await fillVolumes(deps, subject, signal);
    return { snapshotter: deps.snapshotter };
  });
}
