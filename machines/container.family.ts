/**
 * A container, its tasks, its execs and its health: one mailbox, so that an exit and the
 * container's reaction are one append, and so that an exec is decided upon against the state of
 * its container.
 */
import type { Refusal } from './container.commands.ts';
import type { ContainerContext } from './container.context.ts';
import { containerStream, decideContainer } from './container.decide.ts';
import { containerMachine } from './container.machine.ts';
import { decideObservation } from './container.observation.ts';
import { decideOutcome } from './container.outcome.ts';
import { settlesContainer } from './container.settle.ts';
import type { Decision, Family, Input, StreamKind, View } from './decision.ts';
import { type FamilyCommand, isExecCommand } from './exec.commands.ts';
import { decideExec, settlesExec } from './exec.decide.ts';
import { execMachine } from './exec.machine.ts';
import { decideExecOutcome } from './exec.outcome.ts';
import { withHealth } from './health.follow.ts';
import { healthMachine } from './health.machine.ts';
import { decideHealthOutcome } from './health.outcome.ts';
import { imageOfStream } from './image.claims.ts';
import { publishesAny } from './network.ports.ts';
import { step } from './step.ts';
import { taskMachine } from './task.machine.ts';
import type { Claim, StreamName } from './words.ts';

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

const exec: StreamKind = {
  name: 'exec',
  revision: 1,
  fold: (state, fact) => step(execMachine, state, fact),
};
const health: StreamKind = {
  name: 'health',
  revision: 1,
  fold: (state, fact) => step(healthMachine, state, fact),
};
const KINDS: Readonly<Record<string, StreamKind>> = { container, task, exec, health };

const kindName = (stream: StreamName): string => stream.slice(0, stream.indexOf('/'));

/** `container/<id>` of itself, `task/<id>/<run>`, `exec/<id>/<exec id>`, `health/<id>/<run>`. */
function keyOf(stream: StreamName): string | undefined {
  const [kind, id] = stream.split('/');
  return kind !== undefined && Object.hasOwn(KINDS, kind) && id !== undefined
    ? containerStream(id)
    : undefined;
}

function outcomeOf(view: View, input: Extract<Input, { kind: 'outcome' }>): Decision {
  switch (kindName(input.stream)) {
    case 'exec':
      return decideExecOutcome(view, input);
    case 'health':
      return decideHealthOutcome(view, input);
    default:
      return decideOutcome(view, input);
  }
}

function decide(view: View, input: Input<FamilyCommand>): Decision {
  switch (input.kind) {
    case 'command':
      return isExecCommand(input.command)
        ? decideExec(view, input.command)
        : decideContainer(view, input.command, input.busyPorts);
    case 'outcome':
      return outcomeOf(view, input);
    case 'observation':
      return decideObservation(view, input.observation);
    default:
      return input satisfies never;
  }
}

const OPENING: ReadonlySet<string> = new Set(['start', 'restart', 'connect']);

/** The container whose run it may open, or to whose run it may give a place in a network. */
function openedBy(input: Input<FamilyCommand>): StreamName | undefined {
  if (input.kind === 'observation') return undefined;
  if (input.kind === 'command') {
    return OPENING.has(input.command.type) ? containerStream(input.command.id) : undefined;
  }
  const { type, params } = input.effect;
  const opens = type === 'run.clean' || (type === 'timer' && params['key'] === 'restart');
  return opens ? keyOf(input.stream) : undefined;
}

function wantsBusyPorts(view: View, input: Input<FamilyCommand>): boolean {
  const opened = openedBy(input);
  const state = opened === undefined ? undefined : view.state(opened);
  return state !== undefined && publishesAny(state.context as ContainerContext);
}

/** Another address or port may be free, and a network that went is found to be gone. */
function claimRefused(claim: Claim, holder: StreamName): Refusal | 'again' {
  switch (claim.kind) {
    case 'network':
    case 'port':
      return 'again';
    case 'image':
      return { kind: 'no-such-image', ref: imageOfStream(holder) };
    case 'volume':
      return { kind: 'volume-gone', name: claim.key.split('#')[0] ?? claim.key };
    default:
      return { kind: 'name-in-use', name: claim.key, holder: holder.slice('container/'.length) };
  }
}

export const containerFamily: Family<FamilyCommand> = {
  name: 'container',
  keyOf,
  keyOfCommand: (command) => containerStream(command.id),
  kindOf: (stream) => KINDS[kindName(stream)] ?? container,
  decide: (view, input) => withHealth(view, decide(view, input)),
  wantsBusyPorts,
  claimRefused,
  settles: (command, fact, stream) => {
    if (isExecCommand(command)) return settlesExec(command, fact, stream);
    return stream.startsWith('container/') ? settlesContainer(command, fact) : undefined;
  },
  endsThings: ({ type }) => type === 'stop' || type === 'kill' || type === 'remove',
  subject: (view, stream) => {
    const root = view.state(keyOf(stream) ?? stream)?.context ?? {};
    const kind = kindName(stream);
    if (kind !== 'exec' && kind !== 'health') return root;
    return { container: root, [kind]: view.state(stream)?.context ?? {} };
  },
};
