/** Where a container's own files lie. Everything below these two paths goes with the container. */
import { join } from 'node:path';
import type { ContainerId } from '../../machines/words.ts';

export interface Roots {
  /** Survives a reboot. */
  readonly dataRoot: string;
  /** Volatile, as the processes are. */
  readonly execRoot: string;
}

export interface ContainerPaths {
  /** The container's directory, mode 0710. */
  readonly directory: string;
  readonly hosts: string;
  readonly hostname: string;
  readonly resolvConf: string;
  /** Output in the json-file format. */
  readonly log: string;
  /** Output as the driver `local` keeps it. */
  readonly local: string;
  /** Where the root file system is mounted while a run needs it. */
  readonly root: string;
  /** Where parts of volumes are bound to, by the number of the mount. */
  readonly subpaths: string;
  /** Where the shared memory is mounted that others may join. */
  readonly shm: string;
  /** Where the init layer is mounted for the moment of its making. */
  readonly initRoot: string;
}

export function containerPaths(roots: Roots, id: ContainerId): ContainerPaths {
  const directory = join(roots.dataRoot, 'containers', id);
  return {
    directory,
    hosts: join(directory, 'hosts'),
    hostname: join(directory, 'hostname'),
    resolvConf: join(directory, 'resolv.conf'),
    log: join(directory, `${id}-json.log`),
    local: join(directory, 'local-logs', 'container.log'),
    root: join(roots.execRoot, 'roots', id),
    subpaths: join(roots.execRoot, 'subpaths', id),
    shm: join(roots.execRoot, 'shm', id),
    initRoot: join(roots.execRoot, 'roots', `${id}-init`),
  };
}
