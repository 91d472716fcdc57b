/** Networks. One mailbox for all, because their subnets must not overlap. */
import type { Family, StreamKind } from './decision.ts';
import type { NetworkCommand } from './network.commands.ts';
import { decideNetwork } from './network.decide.ts';
import { networkMachine } from './network.machine.ts';
import { decideNetworkOutcome, settlesNetwork } from './network.outcome.ts';
import { step } from './step.ts';

const network: StreamKind = {
  name: 'network',
  revision: 1,
  fold: (state, fact) => step(networkMachine, state, fact),
};

export const networkFamily: Family<NetworkCommand> = {
  name: 'network',
  keyOf: (stream) => (stream.startsWith('network/') ? 'networks' : undefined),
  keyOfCommand: () => 'networks',
  kindOf: () => network,
  decide: (view, input) => {
    if (input.kind === 'command') return decideNetwork(view, input.command);
    return input.kind === 'outcome' ? decideNetworkOutcome(view, input) : { kind: 'nothing' };
  },
  /** A name that was taken, or a container that came, between the look and the append. */
  claimRefused: (claim) =>
    claim.kind === 'network-name'
      ? { kind: 'network-exists', name: claim.key }
      : { kind: 'network-in-use', name: claim.key, users: [] },
  settles: settlesNetwork,
  endsThings: ({ type }) => type === 'remove-network',
  subject: (view, stream) => view.state(stream)?.context ?? {},
};
