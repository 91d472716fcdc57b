/**
 * A container and its tasks: one mailbox, so that an exit and the container's reaction are one
 * append.
 */
import type { ContainerCommand } from './container.commands.ts';
import { containerStream, decideContainer } from './container.decide.ts';
import { containerMachine } from './container.machine.ts';
import { decideObservation, decideOutcome } from './container.outcome.ts';
import { settlesContainer } from './container.settle.ts';
import type { Decision, Family, Input, StreamKind, View } from './decision.ts';
import { step } from './step.ts';
import { taskMachine } from './task.machine.ts';
import type { StreamName } from './words.ts';

const container: StreamKind = {
  name: 'container',
  revision: 1,
  fold: (state, fact) => step(containerMachine, state, fact),
};
const task: StreamKind = {
  name: 'task',
  revision: 1,
  fold: (state, fact) => step(taskMachine, state, fact),
};

/** `container/<id>` of `container/<id>` and of `task/<id>/<run>`. */
function keyOf(stream: StreamName): string | undefined {
  const [kind, id] = stream.split('/');
  return (kind === 'container' || kind === 'task') && id !== undefined
    ? containerStream(id)
    : undefined;
}

function decide(view: View, input: Input<ContainerCommand>): Decision {
  switch (input.kind) {
    case 'command':
      return decideContainer(view, input.command);
    case 'outcome':
      return decideOutcome(view, input);
    case 'observation':
      return decideObservation(view, input.observation);
    default:
      return input satisfies never;
  }
}

export const containerFamily: Family<ContainerCommand> = {
  name: 'container',
  keyOf,
  keyOfCommand: (command) => containerStream(command.id),
  kindOf: (stream) => (stream.startsWith('task/') ? task : container),
  decide,
  claimRefused: (claim, holder) => ({
    kind: 'name-in-use',
    name: claim.key,
    holder: holder.slice('container/'.length),
  }),
  settles: (command, fact, stream) =>
    stream.startsWith('container/') ? settlesContainer(command, fact) : undefined,
  endsThings: ({ type }) => type === 'stop' || type === 'kill' || type === 'remove',
  subject: (view, stream) => view.state(keyOf(stream) ?? stream)?.context ?? {},
};
