/** Which later fact tells a caller that what was asked for has happened, or went wrong. */
import type { ContainerCommand, Refusal } from './container.commands.ts';
import { SIGKILL } from './container.effects.ts';
import type { ContainerFact } from './container.facts.ts';
import type { Settlement } from './decision.ts';
import type { Fact } from './words.ts';

const DONE: Settlement = { kind: 'done' };
const refused = (refusal: Refusal): Settlement => ({ kind: 'refused', refusal });

/**
 * `fact` was appended to the container's stream with or after the facts of `command`; undefined:
 * the caller waits on.
 */
export function settlesContainer(command: ContainerCommand, given: Fact): Settlement | undefined {
  const fact = given as ContainerFact;
  if (fact.type === 'container.remove-requested' && command.type !== 'remove') {
    return overtaken(command, fact.data.reason);
  }
  switch (command.type) {
    case 'create':
      return settlesCreate(fact);
    case 'adopt':
      return settlesAdopt(command.id, fact);
    case 'start':
    case 'restart':
      return settlesStart(command, fact);
    case 'stop':
    case 'kill':
      return settlesSignal(command, fact);
    case 'pause':
    case 'unpause':
      return settlesPause(command, fact);
    case 'remove':
      return settlesRemove(command, fact);
    case 'update':
      return settlesUpdate(command.id, fact);
    case 'connect':
      return settlesPlace(command.attachment.network, fact, 'connected');
    case 'disconnect':
      return settlesPlace(command.network, fact, 'disconnected');
    case 'rename':
      return fact.type === 'container.renamed' ? DONE : undefined;
    default:
      return command satisfies never;
  }
}

/**
 * Auto-removal follows the exit or failure that has settled the command; another one overtakes
 * it.
 */
function overtaken(command: ContainerCommand, reason: string): Settlement | undefined {
  if (reason !== 'caller' || command.type === 'stop' || command.type === 'kill') return undefined;
  return refused({ kind: 'marked-for-removal', id: command.id, command: command.type });
}

function settlesCreate(fact: ContainerFact): Settlement | undefined {
  if (fact.type === 'container.created') return DONE;
  if (fact.type !== 'container.create-failed') return undefined;
  return refused({ kind: 'create-failed', message: fact.data.message });
}

function settlesAdopt(id: string, fact: ContainerFact): Settlement | undefined {
  if (fact.type === 'container.adopted') return DONE;
  if (fact.type !== 'container.adopt-failed') return undefined;
  return refused({ kind: 'adopt-failed', id, message: fact.data.message });
}

function settlesStart(command: ContainerCommand, fact: ContainerFact): Settlement | undefined {
  switch (fact.type) {
    case 'container.started':
      return DONE;
    case 'container.start-failed':
    case 'container.start-refused':
      return refused({
        kind: 'start-failed',
        message: fact.data.message,
        exitCode: fact.data.exitCode,
      });
    case 'container.stop-failed':
      return refused({ kind: 'stop-failed', id: command.id, message: fact.data.message });
    default:
      return undefined;
  }
}

/**
 * stop ends when the run is cleaned up, so that its ports and addresses can be had by the next who
 * asks; kill with SIGKILL ends with the exit; other signals end when they are sent.
 */
function settlesSignal(
  command: Extract<ContainerCommand, { type: 'stop' | 'kill' }>,
  fact: ContainerFact,
): Settlement | undefined {
  switch (fact.type) {
    case 'container.exited':
      return command.type === 'kill' ? DONE : undefined;
    case 'container.cleaned':
    case 'container.clean-failed':
    case 'container.restart-cancelled':
      return DONE;
    case 'container.signalled':
      return command.type === 'kill' && command.signal !== SIGKILL ? DONE : undefined;
    case 'container.signal-failed':
      if (command.type === 'stop') return undefined;
      return refused({ kind: 'signal-failed', id: command.id, message: fact.data.message });
    case 'container.stop-failed':
      return refused({ kind: 'stop-failed', id: command.id, message: fact.data.message });
    default:
      return undefined;
  }
}

function settlesUpdate(id: string, fact: ContainerFact): Settlement | undefined {
  if (fact.type === 'container.updated') return DONE;
  if (fact.type !== 'container.update-failed') return undefined;
  return refused({ kind: 'update-failed', id, message: fact.data.message });
}

function settlesPause(
  command: Extract<ContainerCommand, { type: 'pause' | 'unpause' }>,
  fact: ContainerFact,
): Settlement | undefined {
  const { id, type } = command;
  switch (fact.type) {
    case 'container.paused':
      return type === 'pause' ? DONE : undefined;
    case 'container.unpaused':
      return type === 'unpause' ? DONE : undefined;
    case 'container.pause-failed':
      return refused({ kind: 'pause-failed', id, message: fact.data.message });
    case 'container.unpause-failed':
      return refused({ kind: 'unpause-failed', id, message: fact.data.message });
    case 'container.exited':
      return refused({ kind: 'not-running', id });
    default:
      return undefined;
  }
}

/** An exit meanwhile leaves nothing to do: what is wanted is on record. */
function settlesPlace(
  network: string,
  fact: ContainerFact,
  wanted: 'connected' | 'disconnected',
): Settlement | undefined {
  switch (fact.type) {
    case 'container.attachment-added':
    case 'container.attachment-removed':
    case 'container.exited':
      return DONE;
    case 'container.connected':
    case 'container.disconnected': {
      const done = fact.type === `container.${wanted}` && fact.data.network === network;
      return done ? DONE : undefined;
    }
    case 'container.connect-failed':
    case 'container.disconnect-failed': {
      const { message } = fact.data;
      if (fact.data.network !== network) return undefined;
      return refused({ kind: 'endpoint-invalid', message, status: 500 });
    }
    default:
      return undefined;
  }
}

function settlesRemove(command: ContainerCommand, fact: ContainerFact): Settlement | undefined {
  switch (fact.type) {
    case 'container.removed':
      return DONE;
    case 'container.remove-failed':
    case 'container.clean-failed':
      return refused({ kind: 'remove-failed', id: command.id, message: fact.data.message });
    default:
      return undefined;
  }
}
