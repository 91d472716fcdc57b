/**
 * What the user mounts, as the spec has it: binds and volumes by their source on the host, tmpfs by
 * its options. Pure: sources are found, made and checked by effects/volumes.
 */
import type { MountPoint } from '../../machines/container.mounts.ts';
import { textMap } from './hostFields.ts';
import { tmpfsOptions } from './tmpfs.ts';
import type { OciMount, SpecSubject } from './types.ts';

/** A mount with where it lies on the host; of a tmpfs nowhere. */
export interface PlacedMount {
  readonly point: MountPoint;
  readonly source: string;
}

const depth = ({ destination }: OciMount): number =>
  destination.split('/').filter((name) => name !== '').length;

/**
 * Parents before what is mounted in them. @param readOnlyBelow kernel and runtime can do it
 * @throws InvalidTmpfs
 */
export function userMounts(
  container: SpecSubject,
  placed: readonly PlacedMount[],
  readOnlyBelow: boolean,
): readonly OciMount[] {
  const own = placed.map(({ point, source }) =>
    point.type === 'tmpfs' ? tmpfs(point) : bind(point, source, readOnlyBelow),
  );
  const named = Object.entries(textMap(container.hostConfig, 'Tmpfs')).map(
    ([destination, options]): OciMount => ({
      destination,
      type: 'tmpfs',
      source: 'tmpfs',
      options: tmpfsOptions(options === '' ? [] : options.split(',')),
    }),
  );
  // As at dockerd, a target named by --tmpfs is that and nothing else.
  const taken = new Set(named.map(({ destination }) => destination));
  const others = own.filter(({ destination, type }) => type === 'tmpfs' || !taken.has(destination));
  return [...others, ...named].sort((one, other) => depth(one) - depth(other));
}

function tmpfs({ destination, options = [], readWrite }: MountPoint): OciMount {
  const given = [...(readWrite ? [] : ['ro']), ...options];
  return { destination, type: 'tmpfs', source: 'tmpfs', options: tmpfsOptions(given) };
}

function bind(point: MountPoint, source: string, readOnlyBelow: boolean): OciMount {
  const below = readOnlyBelow && point.readOnly !== 'plain';
  const options = [
    point.flat === true ? 'bind' : 'rbind',
    ...(point.readWrite ? [] : [below ? 'rro' : 'ro']),
    // Of a volume nothing is said: it is as the root is.
    ...(point.propagation === '' ? [] : [point.propagation]),
  ];
  return { destination: point.destination, type: 'bind', source, options };
}

/** How the root has to spread for what the mounts ask; undefined: as it is. */
export function rootPropagation(placed: readonly PlacedMount[]): string | undefined {
  const asked = placed.map(({ point }) => point.propagation);
  if (asked.some((word) => word === 'shared' || word === 'rshared')) return 'shared';
  return asked.some((word) => word === 'slave' || word === 'rslave') ? 'rslave' : undefined;
}
