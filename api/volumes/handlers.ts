/** `docker volume`: create, ls, inspect, rm and prune. */
import type { VolumeView } from '../../projections/views.ts';
import { jsonBody } from '../body.ts';
import { apiError, refusalError } from '../errors.ts';
import { type Filters, filters, truth } from '../filters.ts';
import { flag } from '../parameters.ts';
import type { ApiPorts } from '../ports.ts';
import { exclusive } from '../prune.ts';
import { empty, type Handler, json } from '../request.ts';
import { before } from '../versions.ts';
import { makeVolume } from './make.ts';
import { shownVolume } from './wire.ts';

const dataRootOf = (ports: ApiPorts): string => ports.daemon.info().dataRoot;

/** @throws ApiError 404 */
function volume(ports: ApiPorts, name: string): VolumeView {
  const found = ports.volumes.get(name);
  if (found === undefined) throw apiError('no-such-volume', { name });
  return found;
}

export const createVolume: Handler = async ({ ports }, request) => {
  const { value: asked } = await jsonBody('VolumeCreateRequest', request);
  const { Name: name = '', Driver: driver = '', DriverOpts: options, Labels: labels } = asked;
  const wanted = {
    name: name === '' ? null : name,
    driver,
    options: options ?? null,
    labels: labels ?? null,
  };
  const made = await makeVolume(ports, wanted, null, request.info);
  return json(shownVolume(made, dataRootOf(ports)), 201);
};

/** Names of volumes that containers have, with how many. */
export function usesOf(ports: ApiPorts): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { id } of ports.containers.list()) {
    const names = ports.containers.mountsOf(id).flatMap(({ volume }) => volume ?? []);
    for (const name of new Set(names.map((one) => one.name))) {
      uses.set(name, (uses.get(name) ?? 0) + 1);
    }
  }
  return uses;
}

function chosen(ports: ApiPorts, given: Filters): readonly VolumeView[] {
  const dangling = truth(given, 'dangling');
  const uses = dangling === undefined ? undefined : usesOf(ports);
  return ports.volumes
    .list()
    .filter(
      ({ name, driver, labels }) =>
        given.any('name', (value) => name.includes(value)) &&
        given.any('driver', (value) => driver === value) &&
        given.labels('label', labels ?? {}) &&
        (uses === undefined || uses.has(name) !== dangling),
    );
}

export const listVolumes: Handler = ({ ports }, { query }) => {
  const given = filters(query, ['dangling', 'driver', 'label', 'name']);
  const dataRoot = dataRootOf(ports);
  const found = chosen(ports, given).map((one) => shownVolume(one, dataRoot));
  return json({ Volumes: found, Warnings: null });
};

export const inspectVolume: Handler = ({ ports }, { params }) =>
  json(shownVolume(volume(ports, params['name'] ?? ''), dataRootOf(ports)));

export const removeVolume: Handler = async ({ ports }, request) => {
  const name = request.params['name'] ?? '';
  const force = flag(request.query, 'force');
  // By force what is not there is removed already.
  if (force && ports.volumes.get(name) === undefined) return empty(204);
  const { incarnation } = volume(ports, name);
  const command = { type: 'remove-volume', name, incarnation } as const;
  const outcome = await ports.volumes.submit(command, request.info);
  if (outcome.kind === 'refused')
    throw refusalError(outcome.refusal, { command: 'volume', ref: name });
  return empty(204);
};

/** Those without a name alone, unless all are asked for, or by a client of before. */
export const pruneVolumes: Handler = async ({ ports }, request) => {
  const { query, version, info } = request;
  const old = before(version, '1.42');
  const given = filters(query, old ? ['label', 'label!'] : ['all', 'label', 'label!']);
  const all = old || (truth(given, 'all') ?? false);
  return await exclusive(ports, 'volume', async () => {
    const uses = usesOf(ports);
    const idle = ports.volumes.list().filter(({ name, anonymous, labels }) => {
      const fits = given.labels('label', labels ?? {});
      const spared = !given.withoutLabels('label!', labels ?? {});
      return !uses.has(name) && (all || anonymous) && fits && !spared;
    });
    const sizes = await ports.volumes.sizes(idle.map(({ name }) => name));
    const gone: string[] = [];
    for (const { name, incarnation } of idle) {
      const outcome = await ports.volumes.submit(
        { type: 'remove-volume', name, incarnation },
        info,
      );
      if (outcome.kind !== 'refused') gone.push(name);
    }
    const reclaimed = gone.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
    await ports.pruned('volume', reclaimed, info);
    return json({ VolumesDeleted: gone, SpaceReclaimed: reclaimed });
  });
};
