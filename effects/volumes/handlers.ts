/**
 * `volume.prepare` and `volume.erase`: the directory of a volume of the local driver. What has a
 * device is mounted when a container needs it, so nothing is mounted here; but nothing is deleted
 * as long as something is.
 */
import { defineHandler } from '../container/define.ts';
import type { ContainerDeps } from '../container/deps.ts';
import type { Handler } from '../handler.ts';
import { volumePaths } from './paths.ts';

export function volumePrepare({ roots, system }: ContainerDeps): Handler<'volume.prepare'> {
  const row = {
    deadlineMs: 30_000,
    lane: 'serial',
    class: 'begin',
    tries: 3,
    undo: 'volume.erase',
  } as const;
  return defineHandler(row, async ({ params: { name } }) => {
    const { directory, data } = volumePaths(roots.dataRoot, name);
    await system.files.makeDirectories(directory, 0o701);
    await system.files.makeDirectories(data, 0o755);
    return {};
  });
}

export function volumeErase(deps: ContainerDeps): Handler<'volume.erase'> {
  const row = {
    deadlineMs: 120_000,
    lane: 'serial',
    class: 'end',
    tries: 3,
    undo: { none: 'what was deleted can not be brought back' },
  } as const;
  return defineHandler(row, async ({ params: { name } }) => {
    await deps.volumeMounts.drop(name);
    await deps.system.files.remove(volumePaths(deps.roots.dataRoot, name).directory);
    return {};
  });
}
