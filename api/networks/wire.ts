/** Networks as Engine API JSON. */
import type { Endpoint, NetworkPool } from '../../machines/network.config.ts';
import type { NetworkView } from '../../projections/views.ts';
import type { Member, Network } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';
import { rfc3339 } from '../time.ts';
import { type ApiVersion, before } from '../versions.ts';

const poolShown = ({ subnet, ipRange, gateway, auxiliary }: NetworkPool) => ({
  Subnet: subnet,
  ...(ipRange === null ? {} : { IPRange: ipRange }),
  Gateway: gateway,
  ...(Object.keys(auxiliary).length === 0 ? {} : { AuxiliaryAddresses: auxiliary }),
});

/** `10.1.0.2/24`; empty without an address. */
export function withPrefix(address: string | null, pools: readonly NetworkPool[]): string {
  if (address === null) return '';
  return `${address}/${prefixLength(address, pools)}`;
}

/** Of the network's subnet of the same family; 0 if there is none. */
export function prefixLength(address: string, pools: readonly NetworkPool[]): number {
  const six = address.includes(':');
  const pool = pools.find(({ subnet }) => subnet.includes(':') === six);
  return Number(pool?.subnet.split('/')[1] ?? 0);
}

/** Containers that are in the network now, by id. */
export function membersOf(ports: ApiPorts, network: NetworkView): Readonly<Record<string, Member>> {
  const members: Record<string, Member> = {};
  for (const { id, endpoints } of ports.networks.queries.livePlaces()) {
    const endpoint = endpoints?.find((one) => one.network === network.id);
    if (endpoint === undefined) continue;
    members[id] = memberOf(ports.containers.get(id)?.name ?? '', endpoint, network);
  }
  return members;
}

const memberOf = (Name: string, endpoint: Endpoint, { pools }: NetworkView): Member => ({
  Name,
  EndpointID: endpoint.id,
  MacAddress: endpoint.mac,
  IPv4Address: withPrefix(endpoint.ipv4, pools),
  IPv6Address: withPrefix(endpoint.ipv6, pools),
});

/** @param members shown by inspect alone */
export function shown(
  network: NetworkView,
  version: ApiVersion,
  members: Readonly<Record<string, Member>> = {},
): Network {
  return {
    Name: network.name,
    Id: network.id,
    Created: rfc3339(network.createdNs),
    Scope: 'local',
    Driver: network.driver,
    ...(before(version, '1.47') ? {} : { EnableIPv4: network.enableIPv4 ?? true }),
    EnableIPv6: network.enableIPv6,
    IPAM: {
      Driver: network.ipam.Driver,
      Options: network.ipam.Options,
      Config: network.pools.map(poolShown),
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: members,
    Options: network.options,
    Labels: network.labels,
  };
}
