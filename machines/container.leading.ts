/**
 * Which of a run's places leads out of it: its default route goes there, and its ports are
 * published there. Decided anew with each connect and disconnect, in docker's order.
 */
import type { ContainerContext } from './container.context.ts';
import type { View } from './decision.ts';
import { networkShare, portClaim } from './network.claims.ts';
import {
  type Attachment,
  bridgeOptions,
  type Endpoint,
  type NetworkConfig,
} from './network.config.ts';
import { givePorts, portWishes } from './network.ports.ts';
import type { Claim } from './words.ts';

export interface Place {
  readonly asked: Attachment;
  readonly network: NetworkConfig;
  readonly endpoint: Endpoint;
}

export interface Led {
  readonly endpoints: readonly Endpoint[];
  /** Why the ports can not be had; then `endpoints` is empty. */
  readonly failure: string | null;
}

/**
 * The default route leads where the highest priority is, then where both families are, then by the
 * name of the network; ports go along with it, or stay where they are if no place leads out.
 * @param busyPorts what a port of no choice is not
 */
export function led(
  view: View,
  context: ContainerContext,
  places: readonly Place[],
  busyPorts: readonly number[],
): Led {
  const routed = withGateways(places);
  const endpoints = routed.map(({ endpoint }) => endpoint);
  const to = endpoints.findIndex(({ id }) => id === leadingOut(endpoints));
  const from = endpoints.findIndex(({ ports }) => ports.length > 0);
  const leading = routed[to];
  if (leading === undefined || to === from) return { endpoints, failure: null };
  const ports = endpoints[from]?.ports ?? portsFor(view, context, leading, busyPorts);
  if ('failure' in ports) return { endpoints: [], failure: ports.failure };
  const moved = endpoints.map((one, at) => {
    if (at === to) return { ...one, ports };
    return at === from ? { ...one, ports: [] } : one;
  });
  return { endpoints: moved, failure: null };
}

/** The same when one of them is about to go: what others can have of it is theirs from now on. */
export function ledWithout(places: readonly Place[], leaving: Endpoint): readonly Endpoint[] {
  const { id, ports } = leaving;
  const rest = withGateways(places.filter(({ endpoint }) => endpoint.id !== id));
  const to = leadingOut(rest.map(({ endpoint }) => endpoint));
  const goes = { ...leaving, gateway4: false, gateway6: false };
  return places.map(({ endpoint }) => {
    if (endpoint.id === id) return to === undefined ? goes : { ...goes, ports: [] };
    const stays = rest.find((one) => one.endpoint.id === endpoint.id)?.endpoint ?? endpoint;
    return stays.id === to && ports.length > 0 ? { ...stays, ports } : stays;
  });
}

/** Whether what leads out is another one. */
export const hasMoved = (before: readonly Endpoint[], now: readonly Endpoint[]): boolean =>
  now.some(({ gateway4, gateway6, ports }, at) => {
    const was = before[at];
    const same = was?.gateway4 === gateway4 && was.gateway6 === gateway6;
    return !same || was.ports !== ports;
  });

/** Whose ports are published: where IPv4 leads, else where IPv6 does. */
const leadingOut = (endpoints: readonly Endpoint[]): string | undefined =>
  (endpoints.find(({ gateway4 }) => gateway4) ?? endpoints.find(({ gateway6 }) => gateway6))?.id;

const families = ({ endpoint: { ipv4, ipv6 } }: Place): number =>
  [ipv4, ipv6].filter((address) => address !== null).length;

function withGateways(places: readonly Place[]): readonly Place[] {
  const leads = (family: 'ipv4' | 'ipv6'): string | undefined =>
    places
      .filter(({ network, endpoint }) => !network.internal && endpoint[family] !== null)
      .sort(
        (one, other) =>
          (other.asked.priority ?? 0) - (one.asked.priority ?? 0) ||
          families(other) - families(one) ||
          (one.network.name < other.network.name ? -1 : 1),
      )[0]?.endpoint.id;
  const [four, six] = [leads('ipv4'), leads('ipv6')];
  return places.map((one) => {
    const { id } = one.endpoint;
    return { ...one, endpoint: { ...one.endpoint, gateway4: id === four, gateway6: id === six } };
  });
}

function portsFor(
  view: View,
  context: ContainerContext,
  { network, endpoint }: Place,
  busy: readonly number[],
): Endpoint['ports'] | { readonly failure: string } {
  // As with dockerd nothing is published at addresses of IPv4 for who has none.
  const isFor = (hostIp: string): boolean =>
    endpoint.ipv4 !== null || hostIp === '' || hostIp.includes(':');
  const wishes = portWishes(context.config, context.hostConfig).filter((one) => isFor(one.hostIp));
  if (wishes.length === 0) return [];
  const given = givePorts(view, wishes, {
    own: `container/${context.id}`,
    addresses: publishedOn(network).filter(isFor),
    seed: Number.parseInt(endpoint.id.slice(0, 8), 16),
    busy,
  });
  if (!('failure' in given)) return given.ports;
  const where = `endpoint ${context.name} (${endpoint.id})`;
  const what = `driver failed programming external connectivity on ${where}`;
  return { failure: `${what}: ${given.failure}` };
}

/** Host addresses of a port that names none. */
function publishedOn(network: NetworkConfig): readonly string[] {
  const { hostBinding } = bridgeOptions(network);
  if (hostBinding !== '' && hostBinding !== '0.0.0.0') return [hostBinding];
  return network.hostIPv6 ? ['0.0.0.0', '::'] : ['0.0.0.0'];
}

/** The claims that keep an endpoint for its container. */
export function claimsOf(container: string, endpoint: Endpoint): readonly Claim[] {
  const { network, ipv4, ipv6, ports, driver } = endpoint;
  if (driver !== 'bridge') return [];
  const users = [container, ipv4, ipv6].filter((user) => user !== null);
  return [
    ...users.map((user) => networkShare(network, user)),
    ...ports.map((port) => portClaim(port.protocol, port.hostIp, port.hostPort)),
  ];
}

/** What is to be taken and freed where a run's places change. */
export function claimsBetween(
  container: string,
  before: readonly Endpoint[],
  now: readonly Endpoint[],
): { readonly take: readonly Claim[]; readonly free: readonly Claim[] } {
  const [had, has] = [before, now].map((all) => all.flatMap((one) => claimsOf(container, one)));
  return { take: without(has, had), free: without(had, has) };
}

function without(all: readonly Claim[] = [], others: readonly Claim[] = []): readonly Claim[] {
  return all.filter(({ kind, key }) => !others.some((one) => one.kind === kind && one.key === key));
}
