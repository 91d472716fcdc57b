/** From what is to be mounted to what the container's log keeps: volumes are found or made. */
import type { MountPoint } from '../../machines/container.mounts.ts';
import type { ContainerId } from '../../machines/words.ts';
import type { VolumeView } from '../../projections/views.ts';
import type { ApiPorts, RequestInfo } from '../ports.ts';
import { makeVolume } from '../volumes/make.ts';
import { checkVolume } from '../volumes/named.ts';
import type { WantedMount } from './wanted.ts';

/** @throws ApiError */
export async function resolveMounts(
  ports: ApiPorts,
  plan: readonly WantedMount[],
  container: ContainerId,
  request: RequestInfo,
): Promise<readonly MountPoint[]> {
  // Nothing is made for a request that is refused.
  for (const { volume } of plan) if (volume !== undefined) checkVolume(volume);
  const points: MountPoint[] = [];
  try {
    for (const wanted of plan) points.push(await resolved(ports, wanted, container, request));
  } catch (error) {
    await dropOwn(ports, points, request);
    throw error;
  }
  return points;
}

async function resolved(
  ports: ApiPorts,
  { point, volume, given }: WantedMount,
  container: ContainerId,
  request: RequestInfo,
): Promise<MountPoint> {
  if (volume === undefined) return { ...point, ...given };
  const made = await makeVolume(ports, volume, container, request);
  return { ...point, ...(volume.name === null ? { anonymous: true } : {}), ...refOf(made) };
}

function refOf({ name, incarnation, options }: VolumeView) {
  return {
    volume: { name, incarnation },
    ...(options === null ? {} : { driverOptions: options }),
  };
}

/** The container came to nothing: what was made for it alone goes. */
export async function dropOwn(
  ports: ApiPorts,
  points: readonly MountPoint[],
  request: RequestInfo,
): Promise<void> {
  for (const { volume, anonymous } of points) {
    if (volume === undefined || anonymous === undefined) continue;
    await ports.volumes.submit({ type: 'remove-volume', ...volume }, request);
  }
}
