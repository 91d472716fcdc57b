/**
 * One step of a machine: (state, fact) to (state, effects). The only file that calls XState's
 * `transition`, which asks no clock, starts nothing and returns effects instead of running them.
 */
import { createHash } from 'node:crypto';
import { type AnyStateMachine, transition } from 'xstate';
import type { ActorState, Effect, Fact, JsonValue } from './words.ts';

/** A fact that the machine has no transition for in this state: always a bug of our own (law 5). */
export class IllegalFact extends Error {
  constructor(machine: string, state: JsonValue, type: string) {
    super(`${machine} in state ${JSON.stringify(state)} can not take ${type}`);
    this.name = 'IllegalFact';
  }
}

export interface Stepped<C extends object> {
  readonly state: ActorState<C>;
  readonly effects: readonly Effect[];
  /** The stream takes no more facts. */
  readonly final: boolean;
}

/** The state of a stream that has no fact yet. */
export const ABSENT = 'absent';

/**
 * Folds one fact. Throws `IllegalFact` if the machine has no transition for it: XState returns
 * the very same snapshot then, and a final state still takes root transitions, so both are
 * guarded here.
 */
export function step<C extends object>(
  machine: AnyStateMachine,
  state: ActorState<C> | undefined,
  fact: Fact,
): Stepped<C> {
  const value = state?.value ?? ABSENT;
  const before = machine.resolveState({
    value: value as string | Record<string, string>,
    context: state?.context ?? machine.config.context,
  });
  if (before.status !== 'active') throw new IllegalFact(machine.id, value, fact.type);
  const [after, actions] = transition(machine, before, { type: fact.type, ...fact.data });
  if (after === before) throw new IllegalFact(machine.id, value, fact.type);
  return {
    state: { value: after.value as JsonValue, context: after.context as C },
    effects: actions.map((action) => ({
      type: action.type,
      params: (action.params ?? {}) as object,
    })),
    final: after.status !== 'active',
  };
}

/** JSON with sorted keys and without undefined members: equal values give equal text. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const record = value as Record<string, unknown>;
  let members = '';
  for (const key of Object.keys(record).sort()) {
    const member = record[key];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonical(member)}`;
  }
  return `{${members}}`;
}

/** SHA-256, hex, of the canonical JSON of `{context, value}`. */
export function digestOf(state: ActorState): string {
  return digestOfTexts(canonical(state.context), canonical(state.value));
}

/** The same, of the canonical JSON of both: for who has it already. */
export function digestOfTexts(context: string, value: string): string {
  return createHash('sha256').update(`{"context":${context},"value":${value}}`).digest('hex');
}
