/**
 * One step of a machine: (state, fact) to (state, effects). The only file that lets XState take a
 * transition, which asks no clock, starts nothing and hands out effects instead of running them.
 */
import { hash } from 'node:crypto';
import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
} from 'xstate';
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

type Action = Parameters<AnyActorScope['actionExecutor']>[0];

/**
 * XState's own `transition` makes an actor and a system for each call, and lets go of them. Ours
 * are never started, take no children and no messages, so one of them serves every call.
 */
const scopes = new WeakMap<AnyStateMachine, Omit<AnyActorScope, 'actionExecutor'>>();

function scopeOf(machine: AnyStateMachine): Omit<AnyActorScope, 'actionExecutor'> {
  const known = scopes.get(machine);
  if (known !== undefined) return known;
  const self = createActor(machine);
  const nothing = (): void => undefined;
  const idle = { defer: nothing, logger: nothing, stopChild: nothing, emit: nothing };
  const scope = { ...idle, self, id: '', sessionId: '', system: self.system };
  scopes.set(machine, scope);
  return scope;
}

type Event = { readonly type: string };

function transition(machine: AnyStateMachine, before: AnyMachineSnapshot, event: Event) {
  const actions: Action[] = [];
  const actionExecutor = (action: Action): void => void actions.push(action);
  const after = machine.transition(before, event, { ...scopeOf(machine), actionExecutor });
  return [after, actions] as const;
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

/** Texts of what is immutable and shared by many states, such as a container's configuration. */
const texts = new WeakMap<object, string>();

/**
 * The same text as `canonical`, for a record whose members are never changed: of those that were in
 * an earlier record as well the text is known.
 */
export function canonicalShared(record: object): string {
  const members = record as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${shared(member)}`;
  }
  return `{${text}}`;
}

function shared(value: unknown): string {
  if (value === null || typeof value !== 'object') return canonical(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = canonical(value);
  texts.set(value, text);
  return text;
}

/** SHA-256, hex, of the canonical JSON of `{context, value}`. */
export function digestOf(state: ActorState): string {
  return digestOfTexts(canonical(state.context), canonical(state.value));
}

/** The same, of the canonical JSON of both: for who has it already. */
export function digestOfTexts(context: string, value: string): string {
  return hash('sha256', `{"context":${context},"value":${value}}`, 'hex');
}
