/** From what the log knows to plans that the host can be made to fit. Pure. */

import type { Plans } from '../effects/network/networkHost.ts';
import type {
  AddressPlan,
  EndpointPlan,
  NetworkPlan,
  SandboxPlan,
  SubnetPlan,
} from '../effects/network/ports.ts';
import { textList } from '../effects/spec/hostFields.ts';
import type { ContainerContext } from '../machines/container.context.ts';
import { attachmentsOf, isFor } from '../machines/container.networks.ts';
import { formatAddress, lastOf, parseSubnet } from '../machines/network.address.ts';
import {
  bridgeOptions,
  type Endpoint,
  type NetworkConfig,
  type NetworkPool,
} from '../machines/network.config.ts';
import {
  hostLinkName,
  namespaceName,
  namespacePath,
  sandboxId,
} from '../machines/network.names.ts';

/** What the daemon knows of names, as it is then. */
export interface DaemonNames {
  hostGateway(): string | null;
  /** Servers for containers that name none; empty: the host's. */
  servers(): readonly string[];
}
const NO_DAEMON: DaemonNames = { hostGateway: () => null, servers: () => [] };

/** As the handlers ask for them, by what the log has at that moment. */
export function plansOf(
  prefix: string,
  networkOf: NetworkLookup,
  daemon: DaemonNames = NO_DAEMON,
): Plans {
  return {
    network: networkPlan,
    sandbox: (container) => sandboxPlan(container, prefix, networkOf, daemon.servers()),
    hostGateway: () => daemon.hostGateway(),
    namespace: (id, run) => namespaceName(prefix, sandboxId(id, run)),
  };
}

/** A network that is there; undefined: it is gone. */
export type NetworkLookup = (id: string) => NetworkConfig | undefined;

export function networkPlan(config: NetworkConfig): NetworkPlan {
  const { id, name, bridge, pools, internal, predefined } = config;
  const { icc, masquerade, hostBinding, mtu } = bridgeOptions(config);
  return {
    id,
    name,
    bridge,
    subnets: pools.flatMap(subnetPlan),
    internal,
    icc,
    masquerade,
    hostBinding: hostBinding === '' ? '0.0.0.0' : hostBinding,
    mtu,
    isDefault: predefined && name === 'bridge',
  };
}

function subnetPlan({ subnet, gateway }: NetworkPool): readonly SubnetPlan[] {
  const parsed = parseSubnet(subnet);
  if (parsed === undefined) return [];
  const { family, base, prefix } = parsed;
  const text = (value: bigint): string => formatAddress({ family, value });
  const ends = { first: text(base), last: text(lastOf(parsed)) };
  return [{ family, subnet, ...ends, gateway, prefixLength: prefix }];
}

/** null: it has no network that is made for it, or none is left. */
export function sandboxPlan(
  context: ContainerContext,
  prefix: string,
  networkOf: NetworkLookup,
  servers: readonly string[] = [],
): SandboxPlan | null {
  const { id: container, name, run, endpoints = [], hostConfig } = context;
  const plugged = endpoints.filter(({ driver }) => driver === 'bridge');
  if (plugged.length === 0 && !hasSandbox(context)) return null;
  const id = sandboxId(container, run);
  const given = textList(hostConfig, 'Dns');
  const plans = plugged.flatMap((endpoint) => {
    const network = networkOf(endpoint.network);
    return network === undefined ? [] : [endpointPlan(context, endpoint, network, prefix)];
  });
  return {
    container,
    name,
    run,
    id,
    namespace: namespaceName(prefix, id),
    namespacePath: namespacePath(prefix, id),
    endpoints: plans,
    dnsServers: given.length > 0 ? given : servers,
    resolves: plans.some(({ network }) => !network.isDefault),
    linked: textList(hostConfig, 'Links').map((link) =>
      link.replace(/:.*$/, '').replace(/^.*\//, ''),
    ),
  };
}

/** Whether its runs get a namespace that is made for them: also one that was disconnected. */
export function hasSandbox({ hostConfig, endpoints }: ContainerContext): boolean {
  const { NetworkMode } = hostConfig;
  if (NetworkMode === 'host' || NetworkMode === 'none') return false;
  return !NetworkMode.startsWith('container:') && endpoints !== undefined;
}

function endpointPlan(
  context: ContainerContext,
  endpoint: Endpoint,
  config: NetworkConfig,
  prefix: string,
): EndpointPlan {
  const network = networkPlan(config);
  const { id, mac, link, ports, gateway4, gateway6 } = endpoint;
  return {
    id,
    network,
    container: context.id,
    run: context.run,
    hostLink: hostLinkName(prefix, id),
    containerLink: link,
    mac,
    ipv4: addressPlan(network, 4, endpoint.ipv4, gateway4),
    ipv6: addressPlan(network, 6, endpoint.ipv6, gateway6),
    linkLocal: linkLocalOf(context, config),
    ports,
    isGateway: gateway4 || gateway6,
    dnsNames: network.isDefault ? [] : dnsNamesOf(context, config),
    links: linksOf(context, config),
  };
}

function addressPlan(
  { subnets, internal }: NetworkPlan,
  family: 4 | 6,
  address: string | null,
  leadsOut: boolean,
): AddressPlan | null {
  const subnet = subnets.find((one) => one.family === family);
  if (address === null || subnet === undefined) return null;
  const gateway = leadsOut && !internal ? subnet.gateway : null;
  return { address, prefixLength: subnet.prefixLength, gateway };
}

/** With dockerd's lengths of the prefix. */
function linkLocalOf(context: ContainerContext, network: NetworkConfig): EndpointPlan['linkLocal'] {
  return (wishFor(context, network)?.linkLocal ?? []).map((address) => {
    return { address, prefixLength: address.includes(':') ? 64 : 16 };
  });
}

const wishFor = (context: ContainerContext, { id, name }: NetworkConfig) =>
  attachmentsOf(context).find((one) => isFor(one, { network: id, name }));

/** docker's order: its name, what it is also called, its short id, its host name. */
export function dnsNamesOf(context: ContainerContext, network: NetworkConfig): readonly string[] {
  const { id, name, config } = context;
  const aliases = wishFor(context, network)?.aliases ?? [];
  const names = [name, ...aliases, id.slice(0, 12), config.Hostname];
  return [...new Set(names.filter((one) => one !== ''))];
}

function linksOf(context: ContainerContext, network: NetworkConfig): EndpointPlan['links'] {
  return (wishFor(context, network)?.links ?? []).map((link) => {
    const [container = '', alias = container] = link.split(':');
    return { alias, container };
  });
}
