/** Mounts as inspect and list show them. */
import { join } from 'node:path';
import type { MountPoint } from '../../machines/container.mounts.ts';
import type { MountPointView } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';

export const mountpointOf = (dataRoot: string, name: string): string =>
  join(dataRoot, 'volumes', name, '_data');

export function shownMount(point: MountPoint, dataRoot: string): MountPointView {
  const { type, volume, destination, mode, readWrite, propagation } = point;
  const source = volume === undefined ? point.source : mountpointOf(dataRoot, volume.name);
  return {
    Type: type,
    ...(volume === undefined ? {} : { Name: volume.name }),
    Source: source,
    Destination: destination,
    ...(volume === undefined ? {} : { Driver: 'local' }),
    Mode: mode,
    RW: readWrite,
    Propagation: propagation,
  };
}

/** Of containers by their id, for lists. */
export function listedMounts(ports: ApiPorts): (id: string) => readonly MountPointView[] {
  const { dataRoot } = ports.daemon.info();
  return (id) => ports.containers.mountsOf(id).map((point) => shownMount(point, dataRoot));
}
