/** A view of a log that has networks and claims, for specs of decisions about them. */
import type { View } from './decision.ts';
import { ALL_NETWORKS, networkClaim, networkNameClaim, networkStream } from './network.claims.ts';
import type { Endpoint, NetworkConfig } from './network.config.ts';
import type { Claim, StreamName } from './words.ts';

export interface Held extends Claim {
  readonly holder: StreamName;
}

/** @param subnet of 254 addresses, the first one the gateway's */
export function networkFor(name: string, at: number, more: Partial<NetworkConfig> = {}) {
  const pool = { subnet: `10.${at}.0.0/24`, ipRange: null, gateway: `10.${at}.0.1` };
  return {
    id: String(at).repeat(64).slice(0, 64),
    name,
    driver: 'bridge',
    predefined: name === 'bridge',
    enableIPv6: false,
    internal: false,
    attachable: false,
    pools: [{ ...pool, auxiliary: {}, chosen: false }],
    ipam: { Driver: 'default', Options: null },
    options: {},
    labels: {},
    bridge: `br${at}`,
    hostIPv6: false,
    ...more,
  } satisfies NetworkConfig;
}

/** A run's place there, at the address that ends so. */
export function endpointFor(network: NetworkConfig, last: number, more: Partial<Endpoint> = {}) {
  return {
    name: network.name,
    network: network.id,
    driver: network.driver,
    id: `${network.name}-${last}`.padEnd(64, 'e'),
    link: `eth${last - 2}`,
    mac: '',
    ipv4: network.pools[0]?.subnet.replace(/0\/\d+$/, String(last)) ?? null,
    ipv6: null,
    gateway4: false,
    gateway6: false,
    ports: [],
    ...more,
  } satisfies Endpoint;
}

export function viewOf(networks: readonly NetworkConfig[], claims: readonly Held[] = []): View {
  const isPart = (claim: Claim, whole: Claim): boolean =>
    claim.kind === whole.kind && (claim.key === whole.key || claim.key.startsWith(`${whole.key} `));
  return {
    state: (stream) => {
      const network = networks.find(({ id }) => networkStream(id) === stream);
      return network && { value: 'active', context: network };
    },
    holder: (claim) => {
      const network = networks.find(({ name }) => networkNameClaim(name).key === claim.key);
      if (claim.kind === networkNameClaim('').kind) return network && networkStream(network.id);
      return claims.find(({ kind, key }) => kind === claim.kind && key === claim.key)?.holder;
    },
    sharers: (whole) =>
      whole.kind === ALL_NETWORKS.kind
        ? networks.map(({ id }) => networkStream(id))
        : claims.filter((one) => isPart(one, whole)).map(({ holder }) => holder),
    held: (whole) => claims.filter((one) => isPart(one, whole)),
  };
}

/** Addresses of a network, held by another container. */
export const taken = ({ id }: NetworkConfig, ...addresses: readonly string[]): readonly Held[] =>
  addresses.map((address) => ({
    kind: networkClaim(id).kind,
    key: `${networkClaim(id).key} ${address}`,
    holder: 'container/other',
  }));
