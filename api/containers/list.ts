/** `GET /containers/json`: which containers, by flags and filters. */
import type { ContainerSummary } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import { type Filters, filters, pattern, truth } from '../filters.ts';
import { findImage } from '../images/lookup.ts';
import { listedMounts } from '../mounts/wire.ts';
import { type NetworkPicture, networkPicture } from '../networks/settings.ts';
import { flag, wholeNumber } from '../parameters.ts';
import type { ApiPorts } from '../ports.ts';
import { type Handler, json } from '../request.ts';
import { before } from '../versions.ts';
import { byHealth, healthSummary } from './health.ts';
import { withImageNames } from './imageName.ts';
import { portTest } from './listPorts.ts';
import { containerId } from './lookup.ts';
import { containerSizes } from './sizes.ts';
import { exitCode, isRunning } from './status.ts';
import { listed } from './wire.ts';

const KEYS =
  'id name label status exited ancestor before since health network publish expose volume ' +
  'isolation is-task';

const STATUSES = 'created restarting running removing paused exited dead'.split(' ');

type Test = (summary: ContainerSummary) => boolean;

function byPattern(given: Filters, key: string, texts: (item: ContainerSummary) => string[]): Test {
  const tests = given.get(key).map((value) => pattern(key, value));
  return (item) => tests.length === 0 || tests.some((test) => texts(item).some(test));
}

function byStatus(given: Filters): Test {
  for (const value of given.get('status'))
    if (!STATUSES.includes(value)) {
      const list = STATUSES.join(', ');
      const reason = `invalid value for state (${value}): must be one of ${list}`;
      throw apiError('invalid-filter-value', { key: 'status', value, reason });
    }
  return (item) => given.any('status', (value) => item.status === value);
}

/** Only containers that ran and stopped have an exit code to compare. */
function byExit(given: Filters): Test {
  const codes = given.get('exited').map((value) => {
    if (!/^-?\d+$/.test(value)) throw apiError('invalid-filter-value', { key: 'exited', value });
    return Number(value);
  });
  return (item) =>
    codes.length === 0 ||
    (item.finishedNs !== null && !isRunning(item) && codes.includes(exitCode(item)));
}

/** Images are found by any name they have; a name that fits none fits no container. */
function byAncestor(given: Filters, ports: ApiPorts): Test {
  const images = given.get('ancestor').map((value) => findImage(ports, value)?.id);
  return (item) => images.length === 0 || images.includes(item.imageId);
}

function byNeighbour(given: Filters, key: 'before' | 'since', ports: ApiPorts): Test {
  const times = given
    .get(key)
    .map((ref) => ports.containers.get(containerId(ports, ref))?.createdNs ?? 0n);
  return (item) =>
    times.every((ns) => (key === 'before' ? item.createdNs < ns : item.createdNs > ns));
}

function byExposed(given: Filters, ports: ApiPorts): Test {
  const fits = portTest(given, 'expose');
  if (!given.has('expose')) return () => true;
  return ({ id }) => fits(Object.keys(ports.containers.get(id)?.config.ExposedPorts ?? {}));
}

/** By the name of a volume, a source, or a target. */
function byVolume(given: Filters, ports: ApiPorts): Test {
  if (!given.has('volume')) return () => true;
  const mountsOf = listedMounts(ports);
  return ({ id }) =>
    mountsOf(id).some(({ Name, Source, Destination }) =>
      given.any('volume', (value) => [Name ?? Source, Destination].includes(value)),
    );
}

/** By name or id of a network that it is in, or would be. */
function byNetwork(given: Filters, { places }: NetworkPicture): Test {
  return (item) =>
    given.any('network', (value) => {
      const endpoints = places.get(item.id)?.endpoints ?? [];
      const inside = endpoints.some(({ name, network }) => name === value || network === value);
      return inside || item.networkMode === value;
    });
}

function byPublished(given: Filters, { places }: NetworkPicture): Test {
  const fits = portTest(given, 'publish');
  if (!given.has('publish')) return () => true;
  return ({ id }) => {
    const endpoints = places.get(id)?.endpoints ?? [];
    const ports = endpoints.flatMap((one) => one.ports);
    return fits(ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`));
  };
}

/** Swarm has no tasks here. */
function byWhatNobodyHas(given: Filters): Test {
  const tasks = truth(given, 'is-task') ?? false;
  return () => !tasks && given.any('isolation', (value) => value === 'default');
}

function tests(given: Filters, ports: ApiPorts, picture: NetworkPicture): readonly Test[] {
  return [
    byPattern(given, 'id', ({ id }) => [id]),
    byPattern(given, 'name', ({ name }) => [name, `/${name}`]),
    (item) => given.labels('label', item.labels),
    byNetwork(given, picture),
    byPublished(given, picture),
    byStatus(given),
    byExposed(given, ports),
    byVolume(given, ports),
    byWhatNobodyHas(given),
    byHealth(given),
    byExit(given),
    byAncestor(given, ports),
    byNeighbour(given, 'before', ports),
    byNeighbour(given, 'since', ports),
  ];
}

export const list: Handler = async ({ ports }, request) => {
  const { query, version } = request;
  const given = filters(query, KEYS.split(' '));
  const number = wholeNumber(query, 'limit', (value) => `invalid limit "${value}"`) ?? 0;
  const limit = number > 0 ? number : Number.POSITIVE_INFINITY;
  const everything = flag(query, 'all') || number > 0 || given.has('status');
  const picture = networkPicture(ports);
  const wanted = tests(given, ports, picture);
  const found = ports.containers
    .list()
    .filter((item) => (everything || isRunning(item)) && wanted.every((test) => test(item)))
    .slice(0, limit)
    .map(withImageNames(ports));
  const sizes = flag(query, 'size') ? await containerSizes(ports, found) : new Map();
  const shape = {
    version,
    nowNs: ports.ambient.nowNs(),
    sizes,
    picture,
    mountsOf: listedMounts(ports),
  };
  return json(
    found.map((item) => {
      // Only newer clients are shown annotations, and only they pay for the look at the document.
      const document = before(version, '1.46') ? undefined : ports.containers.get(item.id);
      const annotations = document?.hostConfig['Annotations'];
      return listed(item, annotations, healthSummary(item, ports.side), shape);
    }),
  );
};
