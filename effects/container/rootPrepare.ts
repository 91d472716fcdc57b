/**
 * `root.prepare`: what a container has before its first start. Plan: lease → writable snapshot
 * (on the image's init layer, made if it is the first of its image) → directory with files.
 */
import type { Handler } from '../handler.ts';
import { writeContainerFiles } from './containerFiles.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { holdLease, prepareSnapshots } from './rootSnapshots.ts';

export function rootPrepare(deps: ContainerDeps): Handler<'root.prepare'> {
  const row = {
    deadlineMs: 60_000,
    lane: 'serial',
    class: 'begin',
    tries: 3,
    undo: 'container.erase',
  } as const;
  return defineHandler(row, async ({ params, subject, signal }) => {
    await holdLease(deps, params.id, { signal });
    await prepareSnapshots(deps, params.id, subject.image, { signal });
    await writeContainerFiles(deps, subject);
    return { snapshotter: deps.snapshotter };
  });
}
