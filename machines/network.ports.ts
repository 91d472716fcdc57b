/** Which host ports a run gets: those that were asked for, or free ones out of a range. */
import type { ContainerConfig, HostConfig } from './container.config.ts';
import type { View } from './decision.ts';
import { formatAddress, parseAddress } from './network.address.ts';
import { portClaim, wholePort } from './network.claims.ts';
import type { PublishedPort } from './network.config.ts';
import type { Claim, StreamName } from './words.ts';

/** Where ports come from that nobody chose: the kernel's range for outgoing connections. */
export const EPHEMERAL = { from: 32_768, to: 60_999 } as const;

type Protocol = PublishedPort['protocol'];

export interface PortWish {
  readonly protocol: Protocol;
  readonly containerPort: number;
  /** Empty: where the network publishes. */
  readonly hostIp: string;
  /** From and to; both 0: any. */
  readonly from: number;
  readonly to: number;
}

interface Binding {
  readonly HostIp?: string;
  readonly HostPort?: string;
}

const PROTOCOLS: readonly string[] = ['tcp', 'udp', 'sctp'];

/** `80/tcp`, `80`; undefined: it is no port. */
export function parsePort(text: string): { port: number; protocol: Protocol } | undefined {
  const [number = '', protocol = 'tcp'] = text.toLowerCase().split('/');
  const port = Number(number);
  if (!/^\d+$/.test(number) || port < 1 || port > 65_535) return undefined;
  if (!PROTOCOLS.includes(protocol)) return undefined;
  return { port, protocol: protocol as Protocol };
}

/** What PortBindings and PublishAllPorts ask for, in the order of the container's ports. */
export function portWishes(config: ContainerConfig, hostConfig: HostConfig): readonly PortWish[] {
  const bindings = (hostConfig['PortBindings'] ?? {}) as Readonly<
    Record<string, readonly Binding[] | null>
  >;
  const every =
    hostConfig['PublishAllPorts'] === true ? Object.keys(config.ExposedPorts ?? {}) : [];
  const named = new Set([...Object.keys(bindings), ...every]);
  return [...named].flatMap((name) => {
    const parsed = parsePort(name);
    if (parsed === undefined) return [];
    const asked = bindings[name] ?? [];
    const wanted = asked.length === 0 && every.includes(name) ? [{}] : asked;
    return wanted.map((one) => wishOf(parsed, one));
  });
}

/** Whether it publishes a port and leaves it to us which one of the host's it is. */
export const publishesAny = (of: {
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
}): boolean => portWishes(of.config, of.hostConfig).some(({ from }) => from === 0);

function wishOf({ port, protocol }: { port: number; protocol: Protocol }, one: Binding): PortWish {
  const [from = '0', to = from] = (one.HostPort ?? '').split('-');
  return {
    protocol,
    containerPort: port,
    hostIp: one.HostIp ?? '',
    from: Number(from),
    to: Number(to),
  };
}

/** Whether somebody else has it, on the same address or on all. */
function isTaken(view: View, own: StreamName, given: readonly Claim[], port: PublishedPort) {
  const { protocol, hostIp, hostPort } = port;
  const whole = wholePort(protocol, hostIp, hostPort);
  const wanted = portClaim(protocol, hostIp, hostPort);
  const held = [
    ...view.held(whole).filter(({ holder }) => holder !== own),
    ...given.filter(({ kind, key }) => kind === 'port' && sameWhole(key, whole.key)),
  ];
  return held.some(
    ({ key }) => key === wanted.key || key === whole.key || wanted.key === whole.key,
  );
}

const sameWhole = (key: string, whole: string): boolean =>
  key === whole || key.startsWith(`${whole} `);

export interface PortsGiven {
  readonly ports: readonly PublishedPort[];
  readonly take: readonly Claim[];
}

/**
 * @param addresses where a wish without an address is published
 * @param seed spreads the search for free ports, so that starts at the same time do not meet
 * @returns docker's words if a port can not be had
 */
export function givePorts(
  view: View,
  wishes: readonly PortWish[],
  how: {
    readonly own: StreamName;
    readonly addresses: readonly string[];
    readonly seed: number;
    readonly busy: readonly number[];
  },
): PortsGiven | { readonly failure: string } {
  const ports: PublishedPort[] = [];
  const take: Claim[] = [];
  for (const wish of wishes) {
    if (!isAddressOrNone(wish.hostIp)) {
      return { failure: `invalid host address of a port: ${JSON.stringify(wish.hostIp)}` };
    }
    const addresses = wish.hostIp === '' ? how.addresses : [wish.hostIp];
    const free = (hostPort: number): boolean =>
      addresses.every((hostIp) => !isTaken(view, how.own, take, portOf(wish, hostIp, hostPort)));
    const hostPort = hostPortFor(wish, free, how);
    if (hostPort === undefined) return { failure: refusalOf(wish, addresses[0] ?? '') };
    for (const hostIp of addresses) {
      ports.push(portOf(wish, hostIp, hostPort));
      take.push(portClaim(wish.protocol, hostIp, hostPort));
    }
  }
  return { ports, take };
}

/** create refuses what is none; an older version did not. */
function isAddressOrNone(text: string): boolean {
  const address = parseAddress(text);
  if (address === undefined) return text === '';
  return address.family === 6 || formatAddress(address) === text;
}

const portOf = (
  { protocol, containerPort }: PortWish,
  hostIp: string,
  hostPort: number,
): PublishedPort => ({ protocol, hostIp, hostPort, containerPort });

function hostPortFor(
  { from, to }: PortWish,
  free: (port: number) => boolean,
  { seed, busy }: { readonly seed: number; readonly busy: readonly number[] },
): number | undefined {
  const any = from === 0;
  if (to > 65_535) return undefined;
  const range = any ? EPHEMERAL : { from, to };
  const size = range.to - range.from + 1;
  const start = any ? seed % size : 0;
  for (let step = 0; step < size; step += 1) {
    const port = range.from + ((start + step) % size);
    if (any && busy.includes(port)) continue;
    if (free(port)) return port;
  }
  return undefined;
}

function refusalOf({ from, to }: PortWish, hostIp: string): string {
  if (from === 0 || from !== to)
    return `Bind for ${hostIp}:${from}-${to} failed: all ports are allocated`;
  return `Bind for ${hostIp}:${from} failed: port is already allocated`;
}
