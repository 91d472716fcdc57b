/**
 * A container's place in a network: which network it means, and which addresses it gets there.
 * Decided against the claims, so that an address or a port is never given twice.
 */
import type { View } from './decision.ts';
import {
  contains,
  formatAddress,
  isLinkLocal,
  lowestFree,
  parseAddress,
  parseSubnet,
  usable,
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

const active = (state: ActorState | undefined): NetworkConfig | undefined =>
  state?.value === 'active' ? (state.context as NetworkConfig) : undefined;

/** By its name, else by its id. */
export function networkNamed(view: View, ref: string): NetworkConfig | undefined {
  const name = ref === 'default' ? 'bridge' : ref;
  const holder = view.holder(networkNameClaim(name));
  return active(view.state(holder ?? networkStream(name)));
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
  const problem = wishProblem(network, asked);
  if (problem !== undefined) return { failure: INVALID + problem };
  const strange = asked.linkLocal?.find((one) => !isOfLink(one));
  if (strange !== undefined) return { failure: `${NOT_OF_LINK}${strange}` };
  if (network.driver !== 'bridge') {
    return { ...place, link: '', mac: '', ipv4: null, ipv6: null };
  }
  const taken = takenIn(view, network, seeker.stream);
  const ipv4 = addressIn(network, 4, asked.ipv4, taken);
  if (typeof ipv4 === 'object' && ipv4 !== null) return ipv4;
  const ipv6 = addressIn(network, 6, asked.ipv6, taken);
  if (typeof ipv6 === 'object' && ipv6 !== null) return ipv6;
  const mac = asked.mac ?? macOf(ipv4 ?? ipv6 ?? '0.0.0.0');
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
  if (wanted !== undefined && wanted !== '') return wantedIn(pools, wanted, taken);
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
  pools: readonly NetworkPool[],
  wanted: string,
  taken: ReadonlySet<string>,
): string | NoPlace {
  const address = parseAddress(wanted);
  const whole = pools
    .flatMap(({ subnet }) => parseSubnet(subnet) ?? [])
    .find((subnet) => address !== undefined && contains(subnet, address));
  if (address === undefined || whole === undefined) {
    return { failure: `${INVALID}no configured subnet contains IP address ${wanted}` };
  }
  const text = formatAddress(address);
  // Also of what nobody can have, like the broadcast address.
  return taken.has(text) || !usable(whole, address.value) ? { failure: IN_USE } : text;
}

function isOfLink(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && isLinkLocal(address);
}

const INVALID = 'invalid endpoint settings:\n';
const NOT_OF_LINK = 'invalid link local IP address: ';
const IN_USE = 'Address already in use';

/** What a network that is there from the start does not have. */
function wishProblem(
  { predefined }: NetworkConfig,
  { ipv4, ipv6, aliases = [] }: Attachment,
): string | undefined {
  if (!predefined) return undefined;
  if (ipv4 !== undefined || ipv6 !== undefined) {
    return 'user-specified IP address is supported on user-defined networks only';
  }
  if (aliases.length === 0) return undefined;
  return 'network-scoped aliases are only supported for user-defined networks';
}

/** The status that docker has for such a failure. */
export function placeStatus(failure: string): 400 | 403 | 500 {
  if (failure === IN_USE) return 403;
  return [INVALID, NOT_OF_LINK].some((one) => failure.startsWith(one)) ? 400 : 500;
}

/**
 * Told from the address, so that a neighbour's table stays right when it is given again. One of
 * IPv6 has more than fits: two of a network may differ in any part of it.
 */
function macOf(address: string): string {
  const parsed = parseAddress(address);
  const four =
    parsed?.family === 6
      ? digestOf({ value: 'mac', context: { address } }).slice(0, 8)
      : (parsed?.value ?? 0n).toString(16).padStart(8, '0');
  return ['02', '42', ...(four.match(/../g) ?? [])].join(':');
}
