/**
 * A run's places in networks, taken in the append that opens the run and freed in the one that says
 * that it is cleaned up. What a container wants is kept by network; what it has, by run.
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
import { networkNamed, placeIn } from './network.places.ts';
import { givePorts, portWishes } from './network.ports.ts';
import type { Claim, StreamName } from './words.ts';

export interface Opened {
  readonly endpoints: readonly Endpoint[];
  readonly take: readonly Claim[];
  /** Why the run can not have them; then it has none. */
  readonly failure: string | null;
}

const NONE: Opened = { endpoints: [], take: [], failure: null };
const failed = (failure: string): Opened => ({ ...NONE, failure });

/** It has no network of its own: that of another container, or none that anybody made. */
export const sharesNetwork = (mode: string): boolean => mode.startsWith('container:');
const isPlain = (mode: string): boolean => mode === 'host' || mode === 'none';

/** What it wants to be in; the first is that of its network mode. */
export function attachmentsOf(
  context: Pick<ContainerContext, 'networks' | 'hostConfig'>,
): readonly Attachment[] {
  const { NetworkMode } = context.hostConfig;
  if (sharesNetwork(NetworkMode)) return [];
  return context.networks ?? [{ network: NetworkMode === '' ? 'bridge' : NetworkMode }];
}

/** Whether the wish is for that network; it may be by name or by id. */
export const isFor = (
  { network }: Attachment,
  named: { readonly network: string; readonly name: string },
): boolean => [named.network, named.name].includes(network === 'default' ? 'bridge' : network);

export const withoutAttachment = (
  context: Pick<ContainerContext, 'networks' | 'hostConfig'>,
  named: { readonly network: string; readonly name: string },
): readonly Attachment[] => attachmentsOf(context).filter((one) => !isFor(one, named));

interface Found {
  readonly asked: Attachment;
  readonly network: NetworkConfig;
  readonly endpoint: Endpoint;
}

/** @param busy host ports that other processes listen on */
export function openEndpoints(
  view: View,
  context: ContainerContext,
  run: number,
  busy: readonly number[] = [],
): Opened {
  const stream: StreamName = `container/${context.id}`;
  const found: Found[] = [];
  for (const asked of attachmentsOf(context)) {
    const network = networkNamed(view, asked.network);
    if (network === undefined) {
      if (isPlain(asked.network)) continue;
      return failed(`network ${asked.network} not found`);
    }
    const link = `eth${found.filter(({ endpoint }) => endpoint.link !== '').length}`;
    const endpoint = placeIn(view, network, asked, { id: context.id, run, stream }, link);
    if ('failure' in endpoint) return failed(endpoint.failure);
    found.push({ asked, network, endpoint });
  }
  return withPorts(view, context, withGateways(found), busy);
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

/** The default route leads where the highest priority is, then by the name of the network. */
function withGateways(found: readonly Found[]): readonly Found[] {
  const leads = (family: 'ipv4' | 'ipv6'): string | undefined =>
    found
      .filter(({ network, endpoint }) => !network.internal && endpoint[family] !== null)
      .sort(
        (one, other) =>
          (other.asked.priority ?? 0) - (one.asked.priority ?? 0) ||
          (one.network.name < other.network.name ? -1 : 1),
      )[0]?.endpoint.id;
  const [four, six] = [leads('ipv4'), leads('ipv6')];
  return found.map((one) => {
    const { id } = one.endpoint;
    return { ...one, endpoint: { ...one.endpoint, gateway4: id === four, gateway6: id === six } };
  });
}

function withPorts(
  view: View,
  context: ContainerContext,
  found: readonly Found[],
  busy: readonly number[],
): Opened {
  const at = found.findIndex(({ endpoint }) => endpoint.gateway4);
  const leading = found[at];
  const wishes = leading === undefined ? [] : portWishes(context.config, context.hostConfig);
  const endpoints = found.map(({ endpoint }) => endpoint);
  if (leading === undefined || wishes.length === 0) return opened(context, endpoints);
  const given = givePorts(view, wishes, {
    own: `container/${context.id}`,
    addresses: publishedOn(leading.network),
    seed: Number.parseInt(leading.endpoint.id.slice(0, 8), 16),
    busy,
  });
  if ('failure' in given) {
    const { id } = leading.endpoint;
    const where = `endpoint ${context.name} (${id})`;
    return failed(`driver failed programming external connectivity on ${where}: ${given.failure}`);
  }
  const { ports } = given;
  return opened(
    context,
    endpoints.map((one, index) => (index === at ? { ...one, ports } : one)),
  );
}

/** Host addresses of a port that names none. */
function publishedOn(network: NetworkConfig): readonly string[] {
  const { hostBinding } = bridgeOptions(network);
  if (hostBinding !== '' && hostBinding !== '0.0.0.0') return [hostBinding];
  return network.hostIPv6 ? ['0.0.0.0', '::'] : ['0.0.0.0'];
}

const opened = ({ id }: ContainerContext, endpoints: readonly Endpoint[]): Opened => ({
  endpoints,
  take: endpoints.flatMap((endpoint) => claimsOf(id, endpoint)),
  failure: null,
});

/** What is freed when the run is over. */
export const releasedBy = ({ id, endpoints = [] }: ContainerContext): readonly Claim[] =>
  endpoints.flatMap((endpoint) => claimsOf(id, endpoint));
