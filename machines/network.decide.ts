/**
 * Which command of a network leads to which fact. Every (state, command) has an answer. Subnets are
 * decided here, one network after the other, so no two of them ever overlap.
 */
import type { ContainerContext } from './container.context.ts';
import type { Decision, View } from './decision.ts';
import { ALL_NETWORKS, networkClaim, networkNameClaim, networkStream } from './network.claims.ts';
import type { NetworkCommand, NetworkRefusal } from './network.commands.ts';
import type { NetworkConfig } from './network.config.ts';
import type { NetworkFact } from './network.facts.ts';
import { choosePools } from './network.pools.ts';
import { type ActorState, type Draft, type StreamName, shareOf } from './words.ts';

type Asked<T extends NetworkCommand['type']> = Extract<NetworkCommand, { type: T }>;

const refuse = (refusal: NetworkRefusal): Decision => ({ kind: 'refused', refusal });
const facts = (...drafts: readonly Draft<NetworkFact>[]): Decision => ({ kind: 'facts', drafts });

export function decideNetwork(view: View, command: NetworkCommand): Decision {
  switch (command.type) {
    case 'create-network':
      return create(view, command);
    case 'remove-network':
      return remove(view, command);
    default:
      return command satisfies never;
  }
}

/** All that are there, or on their way. */
function others(view: View): readonly NetworkConfig[] {
  const states = view.sharers(ALL_NETWORKS).map((stream) => view.state(stream));
  return states
    .filter((state): state is ActorState => state !== undefined)
    .map(({ context }) => context as NetworkConfig);
}

function create(view: View, command: Asked<'create-network'>): Decision {
  const { type: _, asked, pools: available, routes, ...config } = command;
  const { id, name } = config;
  if (view.holder(networkNameClaim(name)) !== undefined) {
    return refuse({ kind: 'network-exists', name });
  }
  const known = others(view);
  const other = known.find(({ bridge }) => bridge === config.bridge);
  if (config.driver === 'bridge' && other !== undefined) {
    const message =
      `cannot create network ${id} (${config.bridge}): conflicts with network ${other.id} ` +
      `(${other.bridge}): networks have same bridge name`;
    return refuse({ kind: 'network-forbidden', message });
  }
  const taken = known.flatMap((one) => one.pools.map(({ subnet }) => subnet));
  const pools =
    config.driver === 'bridge'
      ? choosePools({ asked, available, taken, routes, ...familiesOf(config) })
      : [];
  if ('kind' in pools) return refuse(pools);
  return facts({
    stream: networkStream(id),
    fact: { type: 'network.create-requested', data: { ...config, pools } },
    take: [networkNameClaim(name), shareOf(ALL_NETWORKS, id)],
  });
}

const familiesOf = ({
  enableIPv4,
  enableIPv6,
}: Pick<NetworkConfig, 'enableIPv4' | 'enableIPv6'>) => ({
  ipv4: enableIPv4 ?? true,
  ipv6: enableIPv6,
});

/** By the names of containers. */
function usersOf(view: View, id: string, sharers: readonly StreamName[]) {
  const found = [...new Set(sharers)].flatMap((stream) => {
    const context = view.state(stream)?.context as Partial<ContainerContext> | undefined;
    const endpoint = context?.endpoints?.find(({ network }) => network === id);
    if (endpoint === undefined) return [];
    return [{ name: context?.name ?? '', endpoint: endpoint.id }];
  });
  return found.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function remove(view: View, { id, prune }: Asked<'remove-network'>): Decision {
  const state = view.state(networkStream(id));
  if (state === undefined || state.value === 'removed' || state.value === 'undoing') {
    return refuse({ kind: 'no-such-network', ref: id });
  }
  if (state.value !== 'active') return { kind: 'defer', waitingFor: String(state.value) };
  const { name, predefined } = state.context as NetworkConfig;
  if (predefined) return refuse({ kind: 'network-predefined', name });
  const sharers = view.sharers(networkClaim(id));
  if (sharers.length > 0) {
    return refuse({ kind: 'network-in-use', name, users: usersOf(view, id, sharers) });
  }
  return facts({
    stream: networkStream(id),
    fact: { type: 'network.remove-requested', data: { prune } },
    take: [networkClaim(id)],
  });
}
