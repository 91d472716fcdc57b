/** Which subnets a network gets: those that were asked for, or the first that are free. */
import {
  type AddressFamily,
  contains,
  formatAddress,
  formatSubnet,
  lowestFree,
  overlaps,
  parseAddress,
  parseSubnet,
  type Subnet,
} from './network.address.ts';
import type { AddressPool, AskedPool, NetworkRefusal } from './network.commands.ts';
import type { NetworkPool } from './network.config.ts';

export interface PoolWish {
  readonly asked: readonly AskedPool[];
  readonly available: readonly AddressPool[];
  /** Subnets of other networks. */
  readonly taken: readonly string[];
  /** What the host has routes to. */
  readonly routes: readonly string[];
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

const NO_WISH: AskedPool = { subnet: '', ipRange: '', gateway: '', auxiliary: {} };
const SEVERAL: NetworkRefusal = {
  kind: 'network-forbidden',
  message: "bridge driver doesn't support multiple subnets",
};
const invalid = (message: string): NetworkRefusal => ({ kind: 'network-invalid', message });

/** In the order in which they were asked for, one of each family that the network has. */
export function choosePools(wish: PoolWish): readonly NetworkPool[] | NetworkRefusal {
  const isSix = ({ subnet, gateway }: AskedPool): boolean => `${subnet}${gateway}`.includes(':');
  const wishes = wish.asked.filter((one) => (isSix(one) ? wish.ipv6 : wish.ipv4));
  if (wish.ipv4 && wishes.every(isSix)) wishes.unshift(NO_WISH);
  if (wish.ipv6 && !wishes.some(isSix)) wishes.push({ ...NO_WISH, gateway: '::' });
  if (new Set(wishes.map(isSix)).size < wishes.length) return SEVERAL;
  const pools: NetworkPool[] = [];
  for (const one of wishes) {
    const taken = [...wish.taken, ...pools.map(({ subnet }) => subnet)].flatMap(asSubnet);
    const family = isSix(one) ? 6 : 4;
    const pool = one.subnet === '' ? freePool(one, wish, taken, family) : askedPool(one, taken);
    if ('kind' in pool) return pool;
    pools.push(pool);
  }
  return pools;
}

const asSubnet = (text: string): readonly Subnet[] => {
  const parsed = parseSubnet(text);
  return parsed === undefined ? [] : [parsed];
};

function freePool(
  asked: AskedPool,
  wish: PoolWish,
  taken: readonly Subnet[],
  family: AddressFamily,
): NetworkPool | NetworkRefusal {
  const used = [...taken, ...wish.routes.flatMap(asSubnet)];
  const subnet = firstFree(wish.available, used, family);
  if (subnet === undefined) return { kind: 'pools-exhausted' };
  const gateway = asked.gateway === '::' ? '' : asked.gateway;
  return poolOf({ ...asked, gateway }, subnet, false);
}

function firstFree(
  available: readonly AddressPool[],
  used: readonly Subnet[],
  family: AddressFamily,
): Subnet | undefined {
  const bits = family === 4 ? 32 : 128;
  for (const { base, size } of available) {
    const whole = parseSubnet(base);
    if (whole?.family !== family) continue;
    const step = 1n << BigInt(bits - size);
    const end = whole.base + (1n << BigInt(bits - whole.prefix));
    for (let at = whole.base; at < end; ) {
      const candidate: Subnet = { family, base: at, prefix: size };
      const blocking = used.find((one) => overlaps(one, candidate));
      if (blocking === undefined) return candidate;
      // Past all of what is in the way: a pool of IPv6 has too many parts to try each.
      const past = blocking.base + (1n << BigInt(bits - blocking.prefix));
      at = past > at + step ? whole.base + ceiled(past - whole.base, step) : at + step;
    }
  }
  return undefined;
}

const ceiled = (value: bigint, step: bigint): bigint => ((value + step - 1n) / step) * step;

function askedPool(asked: AskedPool, taken: readonly Subnet[]): NetworkPool | NetworkRefusal {
  const subnet = parseSubnet(asked.subnet);
  if (subnet === undefined) return invalid(`invalid subnet ${asked.subnet}: invalid CIDR block`);
  if (taken.some((other) => overlaps(other, subnet))) return { kind: 'pool-overlaps' };
  return poolOf(asked, subnet, true);
}

function poolOf(
  { ipRange, gateway, auxiliary }: AskedPool,
  subnet: Subnet,
  chosen: boolean,
): NetworkPool | NetworkRefusal {
  const range = ipRange === '' ? null : parseSubnet(ipRange);
  if (range === undefined || (range !== null && !overlaps(subnet, range))) {
    return invalid(`ip-range ${ipRange} is not part of the subnet ${formatSubnet(subnet)}`);
  }
  const given = gateway === '' ? null : parseAddress(gateway);
  if (given === undefined || (given !== null && !contains(subnet, given))) {
    return invalid(`gateway ${gateway} is not part of the subnet ${formatSubnet(subnet)}`);
  }
  const reserved: Record<string, string> = {};
  for (const [name, text] of Object.entries(auxiliary)) {
    const address = parseAddress(text);
    if (address === undefined || !contains(subnet, address)) {
      return invalid(`auxiliary address ${text} is not part of the subnet ${formatSubnet(subnet)}`);
    }
    reserved[name] = formatAddress(address);
  }
  const taken = Object.values(reserved);
  const [shared] = Object.entries(reserved).filter(([, one]) => one === gateway);
  if (shared !== undefined) {
    const which = `(${shared.join(':')}): Address already in use`;
    return {
      kind: 'network-failed',
      message: `failed to allocate secondary ip address ${which}`,
    };
  }
  const first =
    given === null ? lowestFree(subnet, range ?? subnet, (one) => taken.includes(one)) : null;
  if (first === undefined) return invalid('no address is left for the gateway');
  return {
    subnet: formatSubnet(subnet),
    ipRange: range === null ? null : formatSubnet(range),
    gateway: given === null ? (first ?? '') : formatAddress(given),
    auxiliary: reserved,
    chosen,
  };
}
