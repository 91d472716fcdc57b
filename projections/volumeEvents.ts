/**
 * What is told of volumes: made and gone by facts of their own, mounted and unmounted by those of
 * the container that does it.
 */
import type { ContainerFact } from '../machines/container.facts.ts';
import type { MountPoint } from '../machines/container.mounts.ts';
import type { VolumeFact } from '../machines/volume.facts.ts';
import type { DockerEvent, EventLookup, EventSource } from './dockerEvents.ts';
import { volumeOfStream } from './projection.ts';

const DRIVER = 'local';

export function volumeEvents(source: EventSource, fact: VolumeFact): readonly DockerEvent[] {
  const action = { 'volume.created': 'create', 'volume.removed': 'destroy' }[String(fact.type)];
  if (action === undefined) return [];
  const id = volumeOfStream(source.stream).name;
  const attributes = { driver: DRIVER };
  return [{ type: 'volume', action, id, attributes, timeNs: source.atNs }];
}

/** Before what is told of the container itself. */
export function mountEvents(
  source: EventSource,
  container: string,
  fact: ContainerFact,
  lookup: EventLookup,
): readonly DockerEvent[] {
  const mounts = fact.type === 'container.started';
  if (!mounts && fact.type !== 'container.exited') return [];
  const points = lookup.container(container)?.mounts ?? [];
  return points.flatMap((point): DockerEvent[] => {
    if (point.volume === undefined) return [];
    const how = mounts ? mountedHow(point) : {};
    return [
      {
        type: 'volume',
        action: mounts ? 'mount' : 'unmount',
        id: point.volume.name,
        attributes: { driver: DRIVER, container, ...how },
        timeNs: source.atNs,
      },
    ];
  });
}

const mountedHow = ({ destination, readWrite, propagation }: MountPoint) => ({
  destination,
  'read/write': String(readWrite),
  propagation,
});
