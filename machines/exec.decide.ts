/**
 * Which command of an exec leads to which fact. The container must run, in the run that the exec
 * was made for: an exit of the container leaves its execs behind, as docker forgets them.
 */
import type { Refusal } from './container.commands.ts';
import type { ContainerContext } from './container.context.ts';
import { containerStream, phaseOf, refuse } from './container.decide.ts';
import type { Decision, Settlement, View } from './decision.ts';
import type { ExecCommand } from './exec.commands.ts';
import type { ExecFact } from './exec.facts.ts';
import type { ExecContext } from './exec.machine.ts';
import type { Draft, Fact, StreamName } from './words.ts';

export const execStream = (container: string, execId: string): StreamName =>
  `exec/${container}/${execId}`;

/** Drafts of one exec's stream. */
export function execFacts(stream: StreamName, ...facts: readonly ExecFact[]): Draft[] {
  return facts.map((fact) => ({ stream, fact }));
}

/** Nobody's, no more or after an adoption that failed. */
const GONE = new Set(['absent', 'removed']);

type Asked<T extends ExecCommand['type']> = Extract<ExecCommand, { type: T }>;

export function decideExec(view: View, command: ExecCommand): Decision {
  const { id } = command;
  const state = view.state(containerStream(id));
  if (state === undefined || GONE.has(phaseOf(state))) {
    return refuse({ kind: 'no-such-container', ref: id });
  }
  if ((state.context as ContainerContext).adopted !== undefined) {
    return refuse({ kind: 'adopted', id, command: 'exec' });
  }
  const exec = view.state(execStream(id, command.execId));
  const run = (state.context as ContainerContext).run;
  if (command.type === 'exec-start') {
    const refusal = startable(exec?.context as ExecContext | undefined, exec?.value, run, command);
    if (refusal !== undefined) return refuse(refusal);
  }
  const container = phaseOf(state).split('.')[0] ?? '';
  switch (container) {
    case 'running':
    case 'stopping':
      return command.type === 'exec-create' ? create(run, command) : start(command);
    case 'paused':
      return refuse({ kind: 'paused', id, command: 'exec' });
    case 'restarting':
      return refuse({ kind: 'restarting', id });
    case 'starting':
    case 'pausing':
    case 'unpausing':
      return { kind: 'defer', waitingFor: container };
    default:
      return refuse({ kind: 'not-running', id });
  }
}

function startable(
  exec: ExecContext | undefined,
  phase: unknown,
  run: number,
  { execId }: Asked<'exec-start'>,
): Refusal | undefined {
  if (exec === undefined || exec.run !== run) return { kind: 'no-such-exec', exec: execId };
  if (phase === 'created') return undefined;
  const runs = phase === 'starting' || phase === 'running';
  return { kind: runs ? 'exec-running' : 'exec-ran', exec: execId };
}

function create(run: number, command: Asked<'exec-create'>): Decision {
  const { id, execId, config, env } = command;
  const refs = env.map((secret) => secret.ref);
  const data = { execId, container: id, run, config, env: refs };
  const drafts = execFacts(execStream(id, execId), { type: 'exec.created', data });
  return { kind: 'facts', drafts, secrets: env };
}

function start({ id, execId, detach }: Asked<'exec-start'>): Decision {
  const fact: ExecFact = { type: 'exec.start-requested', data: { detach } };
  return { kind: 'facts', drafts: execFacts(execStream(id, execId), fact) };
}

/** Which later fact of its stream tells the caller; undefined: the caller waits on. */
export function settlesExec(
  command: ExecCommand,
  given: Fact,
  stream: StreamName,
): Settlement | undefined {
  if (stream !== execStream(command.id, command.execId)) return undefined;
  const fact = given as ExecFact;
  if (command.type === 'exec-create') {
    return fact.type === 'exec.created' ? { kind: 'done' } : undefined;
  }
  if (fact.type === 'exec.started') return { kind: 'done' };
  if (fact.type !== 'exec.start-failed') return undefined;
  return { kind: 'refused', refusal: { kind: 'exec-start-failed', ...fact.data } };
}
