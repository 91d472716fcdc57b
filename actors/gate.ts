/**
 * What every command passes: readiness (until the first reconcile is over commands wait), the
 * presence of the runtime (law 15), its deadline, and the record of refusals.
 */
import type { Command, Family } from '../machines/decision.ts';
import type { Caller } from '../machines/words.ts';
import type { CommandResult } from './actor.ts';
import type { Journal } from './ports.ts';
import type { RefusalRecorder } from './refusals.ts';
import type { ActorSystem } from './system.ts';

export interface GatePorts {
  readonly system: ActorSystem;
  readonly refusals: RefusalRecorder;
  readonly journal: Journal;
  /**
   * Resolves to false if within that many milliseconds the daemon is neither ready nor knows that
   * the runtime is away.
   */
  whenReady(ms: number): Promise<boolean>;
  /** Since when the runtime is away, decimal nanoseconds; null while it is there. */
  runtimeAwaySince(): string | null;
  monotonicMs(): number;
  /** Told of each command when it ends; `ms` with fractions. */
  measured?(command: string, outcome: string, ms: number): void;
}

export interface CommandRules<C extends Command> {
  readonly family: Family<C>;
  /** Whether the command can be carried out without the runtime, as an intent. */
  needsRuntime(command: C): boolean;
  /** Milliseconds until the caller is told that it takes too long; null: never. */
  deadlineMs(command: C): number | null;
}

const READY_MS = 30_000;

/** Submits a command for a caller and resolves when it is settled. Logs one line for each. */
export async function passCommand<C extends Command>(
  ports: GatePorts,
  rules: CommandRules<C>,
  command: C,
  request: { readonly id: string; readonly caller: Caller },
): Promise<CommandResult> {
  const from = ports.monotonicMs();
  const result = await admit(ports, rules, command, request);
  const stream = rules.family.keyOfCommand(command);
  const outcome = result.kind === 'refused' ? result.refusal.kind : result.kind;
  const took = ports.monotonicMs() - from;
  const durationMs = Math.round(took);
  ports.measured?.(command.type, outcome, took);
  ports.journal.info(
    { request: request.id, command: command.type, stream, outcome, durationMs },
    'command',
  );
  if (result.kind === 'refused') {
    const refusal = result.refusal.kind;
    const { caller, id } = request;
    ports.refusals.record({ command: command.type, stream, refusal, caller, request: id });
  }
  return result;
}

async function admit<C extends Command>(
  ports: GatePorts,
  rules: CommandRules<C>,
  command: C,
  request: { readonly id: string; readonly caller: Caller },
): Promise<CommandResult> {
  const away = (): CommandResult | undefined => {
    const sinceNs = ports.runtimeAwaySince();
    if (sinceNs === null || !rules.needsRuntime(command)) return undefined;
    return { kind: 'refused', refusal: { kind: 'runtime-away', sinceNs } };
  };
  const before = away();
  if (before !== undefined) return before;
  if (!(await ports.whenReady(READY_MS))) {
    return { kind: 'refused', refusal: { kind: 'deadline', command: command.type } };
  }
  const now = away();
  if (now !== undefined) return now;
  const { id, caller } = request;
  const deadlineMs = rules.deadlineMs(command);
  return ports.system.submit(rules.family, command, { request: id, caller, deadlineMs });
}
