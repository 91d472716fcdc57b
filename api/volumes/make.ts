/** Makes volumes, on demand or for a container, by the command that everybody gives. */
import type { ContainerId } from '../../machines/words.ts';
import type { VolumeView } from '../../projections/views.ts';
import { apiError, refusalError } from '../errors.ts';
import type { ApiPorts, RequestInfo } from '../ports.ts';
import { type AskedVolume, checkVolume, labelsOf } from './named.ts';

/** How often one may be removed between its making and the look at it. */
const TRIES = 5;

/** @param container that it is made for; null: nobody's. @throws ApiError */
export async function makeVolume(
  ports: ApiPorts,
  asked: AskedVolume,
  container: ContainerId | null,
  request: RequestInfo,
): Promise<VolumeView> {
  checkVolume(asked);
  const name = asked.name ?? ports.ambient.randomHex(32);
  const { options } = asked;
  for (let left = TRIES; left > 0; left -= 1) {
    const there = ports.volumes.get(name);
    if (there !== undefined) return there;
    const command = {
      type: 'create-volume',
      name,
      incarnation: ports.volumes.newest(name) + 1,
      driver: 'local',
      options: options === null || Object.keys(options).length === 0 ? null : options,
      labels: labelsOf(asked),
      anonymous: asked.name === null,
      container: asked.name === null ? container : null,
    } as const;
    const outcome = await ports.volumes.submit(command, request);
    if (outcome.kind === 'refused')
      throw refusalError(outcome.refusal, { command: 'volume', ref: name });
  }
  throw apiError('internal', { message: `volume ${name} was removed each time it was made` });
}
