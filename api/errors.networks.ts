/** Status and text of each refusal of networks: a part of the table in errors.ts. */
import type { NetworkRefusal } from '../machines/network.commands.ts';

type NetworkRefusals = {
  readonly [K in NetworkRefusal['kind']]: (refusal: Extract<NetworkRefusal, { kind: K }>) => {
    readonly status: number;
    readonly message: string;
  };
};

const failure = (status: number, message: string) => ({ status, message });

/** Only those that are known: one that is just coming has no name yet. */
function endpoints(users: Extract<NetworkRefusal, { kind: 'network-in-use' }>['users']): string {
  const told = users.map(
    ({ name, endpoint }) => `name:${JSON.stringify(name)} id:"${endpoint.slice(0, 12)}"`,
  );
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
}

export const networkRefusals: NetworkRefusals = {
  'no-such-network': ({ ref }) => failure(404, `network ${ref} not found`),
  'network-exists': ({ name }) => failure(409, `network with name ${name} already exists`),
  'network-predefined': ({ name }) =>
    failure(403, `${name} is a pre-defined network and cannot be removed`),
  'network-in-use': ({ name, users }) =>
    failure(
      403,
      `error while removing network: network ${name} has active endpoints${endpoints(users)}`,
    ),
  'network-invalid': ({ message }) => failure(400, message),
  'network-forbidden': ({ message }) => failure(403, message),
  'pool-overlaps': () =>
    failure(403, 'invalid pool request: Pool overlaps with other one on this address space'),
  'pools-exhausted': () => failure(400, 'all predefined address pools have been fully subnetted'),
  'network-failed': ({ message }) => failure(500, message),
  'endpoint-exists': ({ name, network }) =>
    failure(403, `endpoint with name ${name} already exists in network ${network}`),
  'not-connected': ({ container, network, lives }) =>
    failure(
      500,
      `container ${container} is not connected to ${lives ? '' : 'the '}network ${network}`,
    ),
  'endpoint-invalid': ({ message, status }) => failure(status, message),
};
