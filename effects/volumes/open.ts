/** The volumes of a daemon: who has which device mounted, taken over from the daemon before. */
import type { Mounted } from '../../machines/container.mounts.ts';
import type { SystemPort } from '../container/systemPort.ts';
import { makeSubpaths, type Subpaths } from './subpaths.ts';
import { makeVolumeMounts, sweepVolumes, type VolumeMounts, volumesIn } from './volumeMounts.ts';

export interface OpenVolumes {
  readonly volumeMounts: VolumeMounts;
  readonly subpaths: Subpaths;
}

/** @param running containers with a run. Before anything else mounts a volume. */
export async function openVolumes(
  dataRoot: string,
  system: Pick<SystemPort, 'files' | 'mounts'>,
  running: readonly string[],
  mountsOf: (container: string) => Mounted,
): Promise<OpenVolumes> {
  const users = new Map<string, string[]>();
  for (const id of running) {
    for (const name of volumesIn(mountsOf(id))) {
      users.set(name, [...(users.get(name) ?? []), id]);
    }
  }
  await sweepVolumes(dataRoot, system, users);
  const volumeMounts = makeVolumeMounts({ dataRoot, system, users });
  return { volumeMounts, subpaths: makeSubpaths(system) };
}
