/** What became of what was asked for a network, and which fact ends a command. */
import type { Decision, Input, Settlement, View } from './decision.ts';
import { ALL_NETWORKS, networkClaim, networkNameClaim, networkStream } from './network.claims.ts';
import type { NetworkCommand } from './network.commands.ts';
import type { NetworkConfig } from './network.config.ts';
import type { NetworkFact } from './network.facts.ts';
import { type Fact, type StreamName, shareOf } from './words.ts';

type Outcome = Extract<Input, { kind: 'outcome' }>;

export function decideNetworkOutcome(view: View, { stream, effect, result }: Outcome): Decision {
  const state = view.state(stream);
  if (state === undefined) return { kind: 'nothing' };
  const { id, name } = state.context as NetworkConfig;
  const all = [networkNameClaim(name), shareOf(ALL_NETWORKS, id), networkClaim(id)];
  const fact = factOf(effect.type === 'network.create', result);
  // One that can not be removed can be used again; nobody waits for one that never was.
  const gone = fact.type === 'network.removed' || state.value === 'undoing';
  const free = gone ? all : fact.type === 'network.remove-failed' ? [networkClaim(id)] : [];
  return { kind: 'facts', drafts: [{ stream, fact, free }] };
}

function factOf(created: boolean, result: Outcome['result']): NetworkFact {
  if (result.ok) return { type: created ? 'network.created' : 'network.removed', data: {} };
  const { message } = result.error;
  const type = created ? 'network.create-failed' : 'network.remove-failed';
  return { type, data: { message } };
}

export function settlesNetwork(
  command: NetworkCommand,
  given: Fact,
  stream: StreamName,
): Settlement | undefined {
  if (stream !== networkStream(command.id)) return undefined;
  const fact = given as NetworkFact;
  const creates = command.type === 'create-network';
  switch (fact.type) {
    case 'network.created':
      return creates ? { kind: 'done' } : undefined;
    case 'network.removed':
      return creates ? undefined : { kind: 'done' };
    case 'network.create-failed':
    case 'network.remove-failed':
      return { kind: 'refused', refusal: { kind: 'network-failed', message: fact.data.message } };
    default:
      return undefined;
  }
}
