/**
 * Networks and the daemon: the three that are there from the start, and the host kept as the log
 * says.
 */
import { passCommand } from '../actors/gate.ts';
import type { Networks } from '../api/networks/ports.ts';
import { bridgeAddress, demandBridge } from '../effects/host/bridgeAddress.ts';
import { hostHasIPv6, hostRoutes } from '../effects/host/routes.ts';
import type { NetworkPicture } from '../effects/network/ports.ts';
import type { World } from '../effects/world.ts';
import type { ContainerContext } from '../machines/container.context.ts';
import { containerStream, phaseOf } from '../machines/container.decide.ts';
import {
  formatAddress,
  formatSubnet,
  parseAddress,
  parseSubnet,
} from '../machines/network.address.ts';
import { networkNameClaim, networkStream } from '../machines/network.claims.ts';
import type { AddressPool, AskedPool, NetworkCommand } from '../machines/network.commands.ts';
import type { NetworkConfig } from '../machines/network.config.ts';
import { networkFamily } from '../machines/network.family.ts';
import { bridgeName, namesOf } from '../machines/network.names.ts';
import { digestOf } from '../machines/step.ts';
import type { ActorState } from '../machines/words.ts';
import { openNetworkQueries } from '../projections/networks.ts';
import type { StreamState } from '../store/types.ts';
import { type Daemon, worldOf } from './daemon.ts';
import { networkPlan, plansOf, sandboxPlan } from './plans.ts';

type CreateNetwork = Extract<NetworkCommand, { type: 'create-network' }>;

const CREATE_MS = 60_000;
const CALLER = { kind: 'daemon' } as const;

/** The machine that wrote it is the one that says what it is. */
const contextOf = <C extends object>({ context }: StreamState): C =>
  context as ActorState['context'] as C;

/** Undefined: it was never there, or nothing of it is left. */
export function networkOf({ log }: Daemon, id: string): NetworkConfig | undefined {
  const state = log.readable(networkStream(id));
  if (state === undefined || state.final) return undefined;
  return contextOf<NetworkConfig>(state);
}

export function networkParts(daemon: Daemon) {
  const prefix = namesOf(daemon.log.logId);
  const plans = plansOf(prefix, (id) => networkOf(daemon, id), {
    hostGateway: () => hostGateway(daemon),
    servers: () => daemon.options.network.dns,
  });
  const { iptables, ip6tables, ipForward, userlandProxy } = daemon.options.network;
  const rules = {
    firewall: iptables,
    firewall6: ip6tables,
    forwarding: ipForward,
    proxy: userlandProxy,
  };
  return { prefix, rules, plans };
}

/** As configured, else the default bridge's own address. */
function hostGateway(daemon: Daemon): string | null {
  const [given] = daemon.options.network.hostGateways;
  if (given !== undefined) return given;
  const [, id = ''] = daemon.log.holder(networkNameClaim('bridge'))?.split('/') ?? [];
  return networkOf(daemon, id)?.pools[0]?.gateway ?? null;
}

/** Longer than the deadline of any effect of a network. */
const NETWORK_MS = 100_000;
const rules = {
  family: networkFamily,
  needsRuntime: () => false,
  deadlineMs: () => NETWORK_MS,
};

export function networkPorts(daemon: Daemon): Networks {
  const { gate, log } = daemon;
  return {
    queries: openNetworkQueries(log.reader),
    submit: (command, request) => passCommand(gate, rules, command, request),
    surroundings: () => ({
      ...surroundings(daemon),
      defaultOptions: daemon.options.network.defaultOptions['bridge'] ?? {},
    }),
  };
}

/** What a create needs to know of the host, and of the daemon's options. */
function surroundings({ options, log }: Daemon) {
  return {
    prefix: namesOf(log.logId),
    pools: poolsOf(options.network.addressPools),
    routes: hostRoutes(),
    hostIPv6: hostHasIPv6(),
  };
}

/** Phases in which a run has its places, or is about to. */
const PLUGGED =
  /^(?:starting|running|pausing|paused|unpausing|stopping|removing\.(?:starting|ending))$/;

const isPlugged = (state: StreamState): boolean =>
  PLUGGED.test(phaseOf({ value: state.value, context: contextOf<ContainerContext>(state) }));

function pictureOf(daemon: Daemon): NetworkPicture {
  const { log } = daemon;
  const prefix = namesOf(log.logId);
  const networks = log
    .states(networkStream(''))
    .filter(({ value }) => value === 'active')
    .map((state) => contextOf<NetworkConfig>(state))
    .filter(({ driver }) => driver === 'bridge');
  const containers = log
    .states(containerStream(''))
    .filter(isPlugged)
    .map((state) => ({ context: contextOf<ContainerContext>(state) }));
  const servers = daemon.options.network.dns;
  const known = (id: string): NetworkConfig | undefined => networkOf(daemon, id);
  return {
    networks: networks.map(networkPlan),
    sandboxes: containers.flatMap(
      ({ context }) => sandboxPlan(context, prefix, known, servers) ?? [],
    ),
  };
}

/** At boot and on demand. What is said was repaired. */
export async function syncNetworks(daemon: Daemon): Promise<readonly string[]> {
  const { condition, journal } = daemon;
  const said = await worldOf(condition).network.sync(pictureOf(daemon));
  for (const sentence of said) journal.warn({ sentence }, 'networks of the host were repaired');
  return said;
}

/**
 * What changes without any effect of its own is told after its append, and again by the look at
 * boot if the daemon dies in between: names are answered from what is known of each run, a connect
 * that failed gives back what leads out, and a link leads to where its container is now.
 */
export function followChanges(daemon: Daemon): void {
  const { log, journal } = daemon;
  const told = (stream: string, change: Promise<void>): void => {
    change.catch((err: unknown) => journal.warn({ err, stream }, 'what changed is not so yet'));
  };
  log.onCommit((facts) => {
    for (const { type, stream } of facts) {
      const changed = type === 'container.renamed' || type === 'container.connect-failed';
      if (changed)
        told(
          stream,
          plugged(daemon, stream, (world, run) => world.network.changed(run)),
        );
      else if (type === 'container.started') told(stream, linksRenewed(daemon, stream));
    }
  });
}

async function plugged(
  { log, condition: { world } }: Daemon,
  stream: string,
  act: (world: World, run: ContainerContext) => Promise<void>,
): Promise<void> {
  const state = log.readable(stream);
  if (world === null || state === undefined || !isPlugged(state)) return;
  await act(world, contextOf<ContainerContext>(state));
}

/** Those who are linked to it know where it is. */
async function linksRenewed(daemon: Daemon, stream: string): Promise<void> {
  const linkers =
    daemon.condition.world?.network.linkersOf(stream.slice('container/'.length)) ?? [];
  for (const id of linkers) {
    await plugged(daemon, containerStream(id), (world, run) => world.renewNetworkFiles(run));
  }
}

/** Before the default network is made, the bridge that it is to be on must be there. */
export function checkBridge(daemon: Daemon): void {
  const { bridge } = daemon.options.network;
  if (bridge === null || bridge === 'none') return;
  if (daemon.log.holder(networkNameClaim('bridge')) === undefined) demandBridge(bridge);
}

/** `bridge`, `host` and `none`. What can not be made is told; the daemon goes on without. */
export async function ensurePredefined(daemon: Daemon): Promise<void> {
  const { log, options, journal, system } = daemon;
  const wanted = [
    predefined(daemon, 'host', 'host'),
    predefined(daemon, 'none', 'null'),
    ...(options.network.bridge === 'none' ? [] : [defaultBridge(daemon)]),
  ].filter(({ name }) => log.holder(networkNameClaim(name)) === undefined);
  const differs = bridgeDifferences(daemon);
  if (differs.length > 0)
    journal.warn({ differs }, 'the default bridge stays as it was made with this data root');
  const origin = { request: '', caller: CALLER, deadlineMs: CREATE_MS };
  for (const command of wanted) {
    const result = await system.submit(networkFamily, command, origin);
    if (result.kind !== 'refused') continue;
    const { refusal } = result;
    journal.error({ network: command.name, refusal }, 'a predefined network can not be made');
  }
}

function predefined(daemon: Daemon, name: string, driver: string): CreateNetwork {
  const { pools, routes, hostIPv6 } = surroundings(daemon);
  return {
    type: 'create-network',
    id: digestOf({ value: 'network', context: { daemon: daemon.log.logId, name } }),
    name,
    driver,
    predefined: true,
    enableIPv6: false,
    internal: false,
    attachable: false,
    ipam: { Driver: 'default', Options: null },
    options: {},
    labels: {},
    bridge: '',
    hostIPv6,
    asked: [],
    pools,
    routes,
  };
}

function defaultBridge(daemon: Daemon): CreateNetwork {
  const plain = predefined(daemon, 'bridge', 'bridge');
  const given = daemon.options.network;
  const bridge = given.bridge ?? bridgeName(namesOf(daemon.log.logId), plain.id);
  const four = { range: given.fixedCidr, gateway: given.defaultGateway };
  const six = { range: given.fixedCidrV6, gateway: given.defaultGatewayV6 };
  const bip = given.bip ?? (given.bridge === null ? null : bridgeAddress(given.bridge));
  return {
    ...plain,
    bridge,
    enableIPv6: given.ipv6,
    asked: [...askedBy(bip, four), ...askedBy(given.bip6, six)],
    options: {
      'com.docker.network.bridge.default_bridge': 'true',
      'com.docker.network.bridge.enable_icc': String(given.icc),
      'com.docker.network.bridge.enable_ip_masquerade': String(given.ipMasquerade),
      'com.docker.network.bridge.host_binding_ipv4': given.ip,
      'com.docker.network.bridge.name': bridge,
      'com.docker.network.driver.mtu': String(given.mtu ?? 1500),
    },
  };
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}

/** In what the configuration would make the default bridge otherwise than it is. */
function bridgeDifferences(daemon: Daemon): readonly string[] {
  const wanted = defaultBridge(daemon);
  const kept = networkOf(daemon, wanted.id);
  if (kept === undefined) return [];
  if (daemon.options.network.bridge === 'none') return ['bridge none'];
  const options = Object.entries(wanted.options).filter(([name, value]) => {
    const before = kept.options[name];
    return before !== undefined && before !== value;
  });
  const pools = wanted.asked.filter(({ subnet, ipRange, gateway }) => {
    const same = kept.pools.find((pool) => pool.subnet === subnet);
    const range = parseSubnet(ipRange);
    const rangeText = range === undefined ? null : formatSubnet(range);
    return same?.gateway !== canonical(gateway) || same.ipRange !== rangeText;
  });
  return [
    ...options.map(([name, value]) => `${name}=${value}`),
    ...pools.map(({ subnet, gateway }) => `subnet ${subnet}, gateway ${gateway}`),
    ...(kept.enableIPv6 === wanted.enableIPv6 ? [] : [`ipv6 ${wanted.enableIPv6}`]),
  ];
}

/** docker's, and one of unique local addresses, which nobody routes. */
const DEFAULT_POOLS: readonly AddressPool[] = [
  ...Array.from({ length: 15 }, (_, at) => ({ base: `172.${17 + at}.0.0/16`, size: 16 })),
  { base: '192.168.0.0/16', size: 20 },
];
const IPV6_POOL: AddressPool = { base: 'fd5a:1060::/48', size: 64 };

function poolsOf(given: readonly AddressPool[]): readonly AddressPool[] {
  const pools = given.length > 0 ? given : DEFAULT_POOLS;
  return pools.some(({ base }) => base.includes(':')) ? pools : [...pools, IPV6_POOL];
}

/** `--bip` is the bridge's own address in its subnet. */
function askedBy(
  bip: string | null,
  given: { readonly range: string | null; readonly gateway: string | null },
): readonly AskedPool[] {
  if (bip === null) return [];
  const subnet = parseSubnet(bip);
  const [own = ''] = bip.split('/');
  return [
    {
      subnet: subnet === undefined ? bip : formatSubnet(subnet),
      ipRange: given.range ?? '',
      gateway: given.gateway ?? own,
      auxiliary: {},
    },
  ];
}
