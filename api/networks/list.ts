/** `GET /networks`, `GET /networks/{id}`. */
import type { NetworkView } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import { type Filters, filters, pattern, truth } from '../filters.ts';
import { type Handler, json } from '../request.ts';
import { network } from './lookup.ts';
import { membersOf, shown } from './wire.ts';

const KEYS = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

/** @param used ids of networks that a container is in */
function fits(one: NetworkView, given: Filters, used: ReadonlySet<string>): boolean {
  const like = (key: string, text: string) => given.any(key, (value) => pattern(key, value)(text));
  const dangling = truth(given, 'dangling');
  const isDangling = !one.predefined && !used.has(one.id);
  return (
    like('name', one.name) &&
    like('id', one.id) &&
    given.any('driver', (value) => one.driver === value) &&
    given.any('scope', (value) => value === 'local') &&
    given.any('type', (value) => value === (one.predefined ? 'builtin' : 'custom')) &&
    (dangling === undefined || dangling === isDangling) &&
    given.labels('label', one.labels)
  );
}

export const listNetworks: Handler = ({ ports }, { query, version }) => {
  const given = filters(query, KEYS);
  const kind = given.get('type').find((value) => !['builtin', 'custom'].includes(value));
  if (kind !== undefined) throw apiError('invalid-filter-value', { key: 'type', value: kind });
  const { queries } = ports.networks;
  const used = new Set(
    queries.livePlaces().flatMap(({ endpoints }) => (endpoints ?? []).map((one) => one.network)),
  );
  const found = queries.list().filter((one) => fits(one, given, used));
  return json(found.map((one) => shown(one, version)));
};

/** All that there are have the scope `local`. */
export const inspectNetwork: Handler = ({ ports }, { params, query, version }) => {
  const ref = params['id'] ?? '';
  const scope = query.get('scope') ?? '';
  const found = network(ports, ref);
  if (scope !== '' && scope !== 'local') throw apiError('no-such-network', { ref });
  return json(shown(found, version, membersOf(ports, found)));
};
