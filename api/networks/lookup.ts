/** From what a caller writes (name, id, prefix of an id) to the network. */
import type { NetworkView } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';

/** docker's order: full id, name, unique prefix of the id. @throws ApiError 400 for several */
export function findNetwork(ports: ApiPorts, ref: string): NetworkView | undefined {
  const all = ports.networks.queries.list();
  const name = ref === 'default' ? 'bridge' : ref;
  const exact = all.find(({ id }) => id === ref) ?? all.find((one) => one.name === name);
  if (exact !== undefined || !/^[0-9a-f]+$/.test(ref)) return exact;
  const found = all.filter(({ id }) => id.startsWith(ref));
  if (found.length < 2) return found[0];
  const message = `network ${ref} is ambiguous (${found.length} matches found based on ID prefix)`;
  throw apiError('bad-parameter', { message });
}

/** @throws ApiError 404, 400 */
export function network(ports: ApiPorts, ref: string): NetworkView {
  const found = findNetwork(ports, ref);
  if (found === undefined) throw apiError('no-such-network', { ref });
  return found;
}
