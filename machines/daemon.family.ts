/**
 * The daemon's own stream: a plain fold, for it has no lifecycle that anything depends on. Whoever
 * observes something of the daemon records it as a fact.
 */
import type { DaemonFact } from './daemon.facts.ts';
import type { Decision, Family, StreamKind } from './decision.ts';
import type { Stepped } from './step.ts';
import type { ActorState, Fact } from './words.ts';

export const DAEMON_STREAM = 'daemon';

export interface RecordCommand {
  readonly type: 'record';
  readonly fact: DaemonFact;
}

export interface DaemonContext {
  readonly version: string;
  readonly bootId: string;
  /** As of the last start; absent: from before it could be chosen. */
  readonly snapshotter?: string;
  /** How often the daemon was started on this log. */
  readonly starts: number;
}

const NEW: DaemonContext = { version: '', bootId: '', starts: 0 };

function fold(state: ActorState | undefined, fact: Fact): Stepped<DaemonContext> {
  const context = (state?.context ?? NEW) as DaemonContext;
  const given = fact as DaemonFact;
  const value = state?.value ?? 'stopped';
  switch (given.type) {
    case 'daemon.started': {
      const { version, bootId, snapshotter } = given.data;
      const chosen = snapshotter === undefined ? {} : { snapshotter };
      const started = { version, bootId, starts: context.starts + 1, ...chosen };
      return { state: { value: 'running', context: started }, effects: [], final: false };
    }
    case 'daemon.stopped':
      return { state: { value: 'stopped', context }, effects: [], final: false };
    default:
      return { state: { value, context }, effects: [], final: false };
  }
}

const daemon: StreamKind = { name: 'daemon', revision: 1, fold };

export const daemonFamily: Family<RecordCommand> = {
  name: 'daemon',
  keyOf: (stream) => (stream === DAEMON_STREAM ? DAEMON_STREAM : undefined),
  keyOfCommand: () => DAEMON_STREAM,
  kindOf: () => daemon,
  decide: (_view, input): Decision =>
    input.kind === 'command'
      ? { kind: 'facts', drafts: [{ stream: DAEMON_STREAM, fact: input.command.fact }] }
      : { kind: 'nothing' },
  claimRefused: (claim, holder) => ({ kind: 'name-in-use', name: claim.key, holder }),
  settles: () => ({ kind: 'done' }),
  endsThings: () => false,
  subject: () => ({}),
};
