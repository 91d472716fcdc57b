/**
 * Walks a machine with sample facts: which states there are, what each takes, how each is
 * reached.
 */
import type { AnyStateMachine } from 'xstate';
import { phaseOf } from './container.decide.ts';
import { IllegalFact, step } from './step.ts';
import type { ActorState, Fact } from './words.ts';

export interface Arrow {
  readonly from: string;
  readonly fact: string;
  readonly to: string;
  readonly effects: readonly string[];
}

export interface Model {
  /** State name to one state value with its context, and the facts that lead there. */
  readonly states: ReadonlyMap<
    string,
    { readonly state: ActorState | undefined; readonly path: readonly Fact[] }
  >;
  readonly arrows: readonly Arrow[];
}

/** Undefined when the machine has no transition for the fact in this state. */
export function tryStep(machine: AnyStateMachine, state: ActorState | undefined, fact: Fact) {
  try {
    return step(machine, state, fact);
  } catch (error) {
    if (error instanceof IllegalFact) return undefined;
    throw error;
  }
}

/** Breadth first; `flagsOf` names the parts of the context that guards look at. */
export function explore(
  machine: AnyStateMachine,
  samples: readonly Fact[],
  flagsOf: (context: object) => string = () => '',
): Model {
  const states = new Map([
    ['absent', { state: undefined as ActorState | undefined, path: [] as Fact[] }],
  ]);
  const seen = new Set(['absent']);
  const queue = [{ state: undefined as ActorState | undefined, path: [] as Fact[] }];
  const arrows = new Map<string, Arrow>();
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const fact of samples) {
      const next = tryStep(machine, at.state, fact);
      if (next === undefined) continue;
      const from = phaseOf(at.state);
      const to = phaseOf(next.state);
      const effects = next.effects.map(({ type, params }) =>
        'key' in params ? `${type} ${params.key}` : type,
      );
      const arrow = { from, fact: fact.type, to, effects };
      arrows.set(JSON.stringify(arrow), arrow);
      const reached = { state: next.state, path: [...at.path, fact] };
      if (!states.has(to)) states.set(to, reached);
      const flags = `${to} ${flagsOf(next.state.context)}`;
      if (seen.has(flags) || next.final) continue;
      seen.add(flags);
      queue.push(reached);
    }
  }
  return { states, arrows: [...arrows.values()] };
}
