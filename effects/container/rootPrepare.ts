/**
 * `root.prepare`: what a container has from the beginning: the directory with its files. Its root
 * is made when it is first needed (rootMaker.ts), which is now if the image has something for an
 * empty volume.
 */
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';
import { fillVolumes } from '../volumes/fillVolumes.ts';
import { writeContainerFiles } from './containerFiles.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { containerPaths } from './paths.ts';

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
  return defineHandler(row, async ({ params: { id }, subject, signal }) => {
    const { directory } = containerPaths(deps.roots, id);
    const external = subject.custom?.root;
    if (external !== undefined) await checkRoot(deps, external);
    // An earlier daemon may have made it, and then more than that.
    else if (!(await deps.system.files.exists(directory))) deps.rootMaker.born(id);
    await writeContainerFiles(deps, subject);
    await fillVolumes(deps, subject, signal);
    return { snapshotter: deps.snapshotter };
  });
}
