/**
 * The networks that a container can really have so far: `none`, which has only loopback, and
 * `host`. They are there from the start, can not be made or removed, and have no addresses.
 */
import { createHash } from 'node:crypto';
import { isRunning } from '../containers/status.ts';
import { apiError } from '../errors.ts';
import { type Filters, filters, pattern } from '../filters.ts';
import type { Member, Network } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';
import { type Handler, json } from '../request.ts';
import { rfc3339 } from '../time.ts';
import { type ApiVersion, before } from '../versions.ts';

const NAMES = ['host', 'none'] as const;
type Name = (typeof NAMES)[number];

const DRIVERS: Readonly<Record<Name, string>> = { host: 'host', none: 'null' };
const KEYS = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

/** The same for the life of the daemon's log. */
const idOf = (daemon: string, name: Name): string =>
  createHash('sha256').update(`${daemon}/network/${name}`).digest('hex');

function members(ports: ApiPorts, name: Name): Readonly<Record<string, Member>> {
  const found = ports.containers
    .list()
    .filter((item) => item.networkMode === name && isRunning(item));
  const nothing = { EndpointID: '', MacAddress: '', IPv4Address: '', IPv6Address: '' };
  return Object.fromEntries(found.map((item) => [item.id, { Name: item.name, ...nothing }]));
}

/** @param detailed with the containers that run in it, as inspect shows it. */
function shown(ports: ApiPorts, name: Name, version: ApiVersion, detailed = false): Network {
  const { id } = ports.daemon.info();
  const [first] = ports.log.read(0, 1);
  return {
    Name: name,
    Id: idOf(id, name),
    Created: rfc3339(first?.atNs ?? null),
    Scope: 'local',
    Driver: DRIVERS[name],
    ...(before(version, '1.47') ? {} : { EnableIPv4: true }),
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: [] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: detailed ? members(ports, name) : {},
    Options: {},
    Labels: {},
  };
}

function fits(network: Network, given: Filters): boolean {
  const like = (key: string, text: string) => given.any(key, (value) => pattern(key, value)(text));
  return (
    like('name', network.Name) &&
    like('id', network.Id) &&
    given.any('driver', (value) => network.Driver === value) &&
    given.any('scope', (value) => network.Scope === value) &&
    given.any('type', (value) => value === 'builtin') &&
    given.any('dangling', (value) => ['0', 'false'].includes(value)) &&
    given.labels('label', {})
  );
}

export const listNetworks: Handler = ({ ports }, { query, version }) => {
  const given = filters(query, KEYS);
  const kind = given.get('type').find((value) => !['builtin', 'custom'].includes(value));
  if (kind !== undefined) throw apiError('invalid-filter-value', { key: 'type', value: kind });
  return json(NAMES.map((name) => shown(ports, name, version)).filter((one) => fits(one, given)));
};

/** By name, id, or the beginning of an id. @throws ApiError 404 */
function find(ports: ApiPorts, ref: string): Name {
  const { id } = ports.daemon.info();
  const found = NAMES.find(
    (name) => name === ref || (/^[0-9a-f]{2,}$/.test(ref) && idOf(id, name).startsWith(ref)),
  );
  if (found === undefined) throw apiError('no-such-network', { ref });
  return found;
}

export const inspectNetwork: Handler = ({ ports }, { params, version }) =>
  json(shown(ports, find(ports, params['id'] ?? ''), version, true));

export const removeNetwork: Handler = ({ ports }, { params }) => {
  const name = find(ports, params['id'] ?? '');
  throw apiError('predefined-network', { name });
};

/** There is nothing to prune, ever; a filter that is wrong is said all the same. */
export const pruneNetworks: Handler = (_context, { query }) => {
  filters(query, ['until', 'label', 'label!']);
  return json({ NetworksDeleted: null });
};
