/** Status and text of each refusal of networks: a part of the table in errors.ts. */
import type { NetworkRefusal } from '../machines/network.commands.ts';

type NetworkRefusals = {
  readonly [K in NetworkRefusal['kind']]: (refusal: Extract<NetworkRefusal, { kind: K }>) => {
    readonly status: number;
    readonly message: string;
  };
};

const failure = (status: number, message: string) => ({ status, message });

export const networkRefusals: NetworkRefusals = {
  'no-such-network': ({ ref }) => failure(404, `network ${ref} not found`),
  'network-exists': ({ name }) => failure(409, `network with name ${name} already exists`),
  'network-predefined': ({ name }) =>
    failure(403, `${name} is a pre-defined network and cannot be removed`),
  'network-in-use': ({ name, id }) =>
    failure(403, `error while removing network: network ${name} id ${id} has active endpoints`),
  'network-invalid': ({ message }) => failure(400, message),
  'pool-overlaps': () => failure(403, 'Pool overlaps with other one on this address space'),
  'pools-exhausted': () => failure(400, 'all predefined address pools have been fully subnetted'),
  'network-failed': ({ message }) => failure(500, message),
  'endpoint-exists': ({ name, network }) =>
    failure(403, `endpoint with name ${name} already exists in network ${network}`),
  'not-connected': ({ container, network }) =>
    failure(500, `container ${container} is not connected to the network ${network}`),
  'endpoint-invalid': ({ message, status }) => failure(status, message),
};
