/**
 * The rules of one daemon, as text for nft. All are in one table of the daemon's own, and nothing
 * of them depends on how many networks or ports there are: those are elements of sets and maps.
 *
 * | set or map        | element                                      | one for each           |
 * | ----------------- | -------------------------------------------- | ---------------------- |
 * | bridges           | bridge                                       | network                |
 * | intra             | bridge . bridge                              | network with ICC       |
 * | internal          | bridge                                       | internal network       |
 * | subnets4, 6       | first address . last address . bridge        | subnet                 |
 * | masquerade4, 6    | subnet                                       | subnet that is hidden  |
 * | any4, any6        | protocol . port : address . port             | port on all addresses  |
 * | one4, one6        | protocol . address . port : address . port   | port on one address    |
 *
 * No set has a range as one of several parts of its elements: `nft monitor` 1.0.6 dies of changes
 * to such a set. So a subnet and its bridge are three exact values, and there is a rule for each
 * length that a prefix can have: it asks whether the block of that length that an address lies in
 * is a subnet of that bridge.
 */
import { isIP } from 'node:net';
import type { EndpointPlan, NetworkPlan, PortPlan } from './ports.ts';

/** An element of a set, or of a map if it has a value. */
export interface Element {
  readonly set: string;
  readonly key: string;
  readonly value: string | null;
}

const SETS: readonly (readonly [name: string, kind: 'set' | 'map', body: string])[] = [
  ['bridges', 'set', 'type ifname;'],
  ['intra', 'set', 'type ifname . ifname;'],
  ['internal', 'set', 'type ifname;'],
  ['subnets4', 'set', 'type ipv4_addr . ipv4_addr . ifname;'],
  ['subnets6', 'set', 'type ipv6_addr . ipv6_addr . ifname;'],
  ['masquerade4', 'set', 'type ipv4_addr; flags interval;'],
  ['masquerade6', 'set', 'type ipv6_addr; flags interval;'],
  ['any4', 'map', 'type inet_proto . inet_service : ipv4_addr . inet_service;'],
  ['any6', 'map', 'type inet_proto . inet_service : ipv6_addr . inet_service;'],
  ['one4', 'map', 'type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service;'],
  ['one6', 'map', 'type inet_proto . ipv6_addr . inet_service : ipv6_addr . inet_service;'],
];

/** Sets that tables of earlier versions have, and that no rule asks any more. */
export const EARLIER_SETS: readonly string[] = ['hairpin4', 'hairpin6'];

interface Chain {
  readonly name: string;
  /** Where it is hooked in; null: it is jumped to. */
  readonly hook: string | null;
  readonly rules: readonly string[];
}

/**
 * What leaves by the bridge whose subnet it comes from. A subnet of a single address has room for
 * the bridge alone.
 */
function hairpinRules(family: 4 | 6): readonly string[] {
  const bits = family === 4 ? 32 : 128;
  const source = family === 4 ? 'ip saddr' : 'ip6 saddr';
  const all = (1n << BigInt(bits)) - 1n;
  return Array.from({ length: bits }, (_, prefix) => {
    const behind = all >> BigInt(prefix);
    const first = `${source} & ${bitsAsAddress(family, all ^ behind)}`;
    const last = `${source} | ${bitsAsAddress(family, behind)}`;
    return `${first} . ${last} . oifname @subnets${family} masquerade`;
  });
}

function bitsAsAddress(family: 4 | 6, value: bigint): string {
  const [words, size, base, between] = family === 4 ? [4, 8, 10, '.'] : ([8, 16, 16, ':'] as const);
  const shifts = Array.from({ length: words }, (_, at) => BigInt((words - 1 - at) * size));
  const word = (shift: bigint): bigint => (value >> shift) & ((1n << BigInt(size)) - 1n);
  return shifts.map((shift) => word(shift).toString(base)).join(between);
}

const CHAINS: readonly Chain[] = [
  {
    name: 'publish',
    hook: null,
    rules: [
      'dnat ip to meta l4proto . ip daddr . th dport map @one4',
      'dnat ip to meta l4proto . th dport map @any4',
      // The kernel does not let ::1 leave the loopback: there the port's holder forwards.
      'ip6 daddr ::1 return',
      'dnat ip6 to meta l4proto . ip6 daddr . th dport map @one6',
      'dnat ip6 to meta l4proto . th dport map @any6',
    ],
  },
  { name: 'hairpin4', hook: null, rules: hairpinRules(4) },
  { name: 'hairpin6', hook: null, rules: hairpinRules(6) },
  {
    name: 'guard',
    hook: 'type filter hook prerouting priority raw; policy accept;',
    // Bridges let 127.0.0.0/8 through (route_localnet), for ports that are published there:
    // nobody but the host itself may use that.
    rules: ['iifname != "lo" ip daddr 127.0.0.0/8 drop'],
  },
  {
    name: 'incoming',
    hook: 'type nat hook prerouting priority dstnat; policy accept;',
    rules: ['fib daddr type local jump publish'],
  },
  {
    name: 'outgoing',
    hook: 'type nat hook output priority -100; policy accept;',
    rules: ['fib daddr type local jump publish'],
  },
  {
    name: 'disguise',
    hook: 'type nat hook postrouting priority srcnat; policy accept;',
    rules: [
      'oifname @bridges ip saddr 127.0.0.0/8 masquerade',
      // To a published port of a neighbour, or of itself: the answer has to come back this way.
      'meta nfproto ipv4 oifname @bridges ct status dnat jump hairpin4',
      'meta nfproto ipv6 oifname @bridges ct status dnat jump hairpin6',
      'ip saddr @masquerade4 oifname != @bridges ip daddr != 224.0.0.0/4 masquerade',
      'ip6 saddr @masquerade6 oifname != @bridges ip6 daddr != ff00::/8 masquerade',
    ],
  },
  {
    name: 'between',
    hook: 'type filter hook forward priority filter; policy accept;',
    rules: [
      'iifname . oifname @intra accept',
      'iifname @internal drop',
      'oifname @internal drop',
      'oifname @bridges ct state established,related accept',
      'oifname @bridges ct status dnat accept',
      'oifname @bridges drop',
    ],
  },
];

/**
 * Commands that make the table with all of its sets and chains, and set the chains' rules anew.
 * In one transaction they interrupt nothing, whether or not the table is there.
 * @param options without `firewall6` what is forwarded of IPv6 is left to others
 */
export function declare(table: string, { firewall6 = true } = {}): readonly string[] {
  const name = `inet ${table}`;
  const left = firewall6 ? [] : [`add rule ${name} between meta nfproto ipv6 accept`];
  return [
    `add table ${name}`,
    ...SETS.map(([set, kind, body]) => `add ${kind} ${name} ${set} { ${body} }`),
    ...CHAINS.map(({ name: chain, hook }) =>
      hook === null ? `add chain ${name} ${chain}` : `add chain ${name} ${chain} { ${hook} }`,
    ),
    ...CHAINS.map(({ name: chain }) => `flush chain ${name} ${chain}`),
    ...left,
    ...CHAINS.flatMap(({ name: chain, rules }) =>
      rules.map((rule) => `add rule ${name} ${chain} ${rule}`),
    ),
  ];
}

export function networkElements(network: NetworkPlan): readonly Element[] {
  const { bridge, subnets } = network;
  const inSet = (set: string, key: string): Element => ({ set, key, value: null });
  return [
    inSet('bridges', bridge),
    ...(network.icc ? [inSet('intra', `${bridge} . ${bridge}`)] : []),
    ...(network.internal ? [inSet('internal', bridge)] : []),
    ...subnets.map(({ family, first, last }) =>
      inSet(`subnets${family}`, `${first} . ${last} . ${bridge}`),
    ),
    ...(network.masquerade && !network.internal
      ? subnets.map(({ family, subnet }) => inSet(`masquerade${family}`, subnet))
      : []),
  ];
}

/** One element for each port; none where the holder of the port has to forward by itself. */
export function portElements(endpoint: EndpointPlan): readonly Element[] {
  if (endpoint.network.internal) return [];
  return endpoint.ports.filter(isAtAddress).flatMap((port) => {
    const family = familyOf(port);
    const address = family === 6 ? endpoint.ipv6?.address : endpoint.ipv4?.address;
    if (address === undefined || port.hostIp === '::1') return [];
    const value = `${address} . ${port.containerPort}`;
    const { protocol, hostIp, hostPort } = port;
    if (isAny(hostIp)) return [{ set: `any${family}`, key: `${protocol} . ${hostPort}`, value }];
    return [{ set: `one${family}`, key: `${protocol} . ${hostIp} . ${hostPort}`, value }];
  });
}

/**
 * An older log can hold what is no address, or no port, of which no rule can be made: the holder of
 * such a port has refused the start, and to take its rule away is nothing to do.
 */
const isAtAddress = ({ hostIp, hostPort }: PortPlan): boolean =>
  (hostIp === '' || (isIP(hostIp) !== 0 && !hostIp.includes('%'))) && hostPort <= 65_535;

export const familyOf = ({ hostIp }: PortPlan): 4 | 6 => (hostIp.includes(':') ? 6 : 4);
const isAny = (hostIp: string): boolean => ['', '0.0.0.0', '::'].includes(hostIp);

/** Names of interfaces are quoted: they may be words of nft's own. */
function written({ set, key, value }: Element): string {
  const quoted = key
    .split(' . ')
    .map((part, at) => (isName(set, at) ? `"${part}"` : part))
    .join(' . ');
  return value === null ? quoted : `${quoted} : ${value}`;
}

const isName = (set: string, at: number): boolean =>
  ['bridges', 'intra', 'internal'].includes(set) || (set.startsWith('subnets') && at === 2);

/** Does nothing to an element that is there with the same value. */
export const addElement = (table: string, element: Element): string =>
  `add element inet ${table} ${element.set} { ${written(element)} }`;

/** Is refused if the element is not there. */
export const deleteElement = (table: string, { set, key }: Element): string =>
  `delete element inet ${table} ${set} { ${written({ set, key, value: null })} }`;

export const deleteSet = (table: string, set: string): string => `delete set inet ${table} ${set}`;

/** Two commands for one transaction; not refused if the element is not there. */
export const dropElement = (table: string, element: Element): readonly string[] => [
  addElement(table, element),
  deleteElement(table, element),
];

export const elementName = ({ set, key, value }: Element): string =>
  value === null ? `${set} ${key}` : `${set} ${key} : ${value}`;
