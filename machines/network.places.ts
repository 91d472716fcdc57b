/**
 * A container's place in a network: which network it means, and which addresses it gets there.
 * Decided against the claims, so that an address or a port is never given twice.
 */
import type { View } from './decision.ts';
import {
  contains,
  formatAddress,
  lowestFree,
  parseAddress,
  parseSubnet,
} from './network.address.ts';
import { networkClaim, networkNameClaim, networkStream } from './network.claims.ts';
import type { Attachment, Endpoint, NetworkConfig, NetworkPool } from './network.config.ts';
import { digestOf } from './step.ts';
import type { ActorState, StreamName } from './words.ts';

/** What keeps a container out of a network, in docker's words. */
export interface NoPlace {
  readonly failure: string;
}

export interface Seeker {
  readonly id: string;
  readonly run: number;
  /** Whose claims do not stand in the way: they are freed in the same append. */
  readonly stream: StreamName;
  /** The how manieth connect of the run; absent: it came with the start. */
  readonly nth?: number;
}

const usable = (state: ActorState | undefined): NetworkConfig | undefined =>
  state?.value === 'active' ? (state.context as NetworkConfig) : undefined;

/** By its name, else by its id. */
export function networkNamed(view: View, ref: string): NetworkConfig | undefined {
  const name = ref === 'default' ? 'bridge' : ref;
  const holder = view.holder(networkNameClaim(name));
  return usable(view.state(holder ?? networkStream(name)));
}

/** @param link `eth0`, for networks that something is plugged into */
export function placeIn(
  view: View,
  network: NetworkConfig,
  asked: Attachment,
  seeker: Seeker,
  link: string,
): Endpoint | NoPlace {
  const { id, run, nth } = seeker;
  const place = {
    name: network.name,
    network: network.id,
    driver: network.driver,
    id: digestOf({ value: 'endpoint', context: { id, run, nth, network: network.id } }),
    gateway4: false,
    gateway6: false,
    ports: [],
  };
  if (network.driver !== 'bridge') {
    return { ...place, link: '', mac: '', ipv4: null, ipv6: null };
  }
  const taken = takenIn(view, network, seeker.stream);
  const ipv4 = addressIn(network, 4, asked.ipv4, taken);
  if (typeof ipv4 === 'object' && ipv4 !== null) return ipv4;
  const ipv6 = addressIn(network, 6, asked.ipv6, taken);
  if (typeof ipv6 === 'object' && ipv6 !== null) return ipv6;
  const mac = asked.mac ?? macOf(ipv4 ?? '0.0.0.0');
  return { ...place, link, mac, ipv4, ipv6 };
}

/** Addresses that nobody else may have, canonical. */
function takenIn(view: View, network: NetworkConfig, own: StreamName): ReadonlySet<string> {
  const { key } = networkClaim(network.id);
  const held = view
    .held(networkClaim(network.id))
    .filter(({ holder }) => holder !== own)
    .map((one) => one.key.slice(key.length + 1));
  const reserved = network.pools.flatMap(({ gateway, auxiliary }) => [
    gateway,
    ...Object.values(auxiliary),
  ]);
  return new Set([...held, ...reserved]);
}

/** null: the network has no addresses of that family. */
function addressIn(
  network: NetworkConfig,
  family: 4 | 6,
  wanted: string | undefined,
  taken: ReadonlySet<string>,
): string | null | NoPlace {
  const pools = network.pools.filter(({ subnet }) => parseSubnet(subnet)?.family === family);
  if (wanted !== undefined && wanted !== '') return wantedIn(network, pools, wanted, taken);
  if (pools.length === 0) return null;
  for (const { subnet, ipRange } of pools) {
    const whole = parseSubnet(subnet);
    const range = parseSubnet(ipRange ?? subnet);
    if (whole === undefined || range === undefined) continue;
    const found = lowestFree(whole, range, (one) => taken.has(one));
    if (found !== undefined) return found;
  }
  return {
    failure:
      `no available IPv${family} addresses on this network's address pools: ` +
      `${network.name} (${network.id})`,
  };
}

function wantedIn(
  network: NetworkConfig,
  pools: readonly NetworkPool[],
  wanted: string,
  taken: ReadonlySet<string>,
): string | NoPlace {
  const problem = addressProblem(network, pools, wanted);
  if (problem !== undefined) return { failure: problem };
  const address = parseAddress(wanted);
  const text = address === undefined ? wanted : formatAddress(address);
  return taken.has(text) ? { failure: 'Address already in use' } : text;
}

function addressProblem(
  network: NetworkConfig,
  pools: readonly NetworkPool[],
  wanted: string,
): string | undefined {
  if (network.predefined) {
    return 'user specified IP address is supported on user defined networks only';
  }
  if (!pools.some(({ chosen }) => chosen)) {
    return (
      'user specified IP address is supported only when connecting to networks with user ' +
      'configured subnets'
    );
  }
  const address = parseAddress(wanted);
  const inside = pools.some(({ subnet }) => {
    const parsed = parseSubnet(subnet);
    return parsed !== undefined && address !== undefined && contains(parsed, address);
  });
  if (inside) return undefined;
  return `no configured subnet or ip-range contain the IP address ${wanted}`;
}

/** Told from the address, so that a neighbour's table stays right when it is given again. */
function macOf(ipv4: string): string {
  const bytes = ipv4.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '42', ...bytes].join(':');
}
