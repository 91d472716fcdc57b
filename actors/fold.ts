/**
 * Drafts of a decision folded into rows: pure, so that an append is known whole before it is
 * tried.
 */
import type { Family } from '../machines/decision.ts';
import { canonical, canonicalShared, digestOf, digestOfTexts } from '../machines/step.ts';
import type { ActorState, Draft, Effect, JsonValue, StreamName } from '../machines/words.ts';
import type { AskedEffect, NewFact, StreamSnapshot } from './ports.ts';

/** An actor's state with the version of its stream. */
export interface Versioned {
  readonly version: number;
  readonly state: ActorState;
  readonly final: boolean;
}

/** Whether a snapshot is what its newest fact left behind. */
export function isIntact({ value, context, digest }: StreamSnapshot): boolean {
  return digestOf({ value, context: context as object }) === digest;
}

export interface FoldInput {
  readonly family: Family;
  readonly drafts: readonly Draft[];
  readonly current: (stream: StreamName) => Versioned | undefined;
  /** Ids of the stream's open agenda rows with that key; null: of all. */
  readonly openRows: (stream: StreamName, key: string | null) => readonly string[];
  /** The agenda row that this decision answers, if it is one's outcome. */
  readonly answered: string | null;
  readonly cause: JsonValue;
  readonly caller: JsonValue;
}

export interface Folded {
  readonly rows: readonly NewFact[];
  readonly after: ReadonlyMap<StreamName, Versioned>;
}

/** Throws `IllegalFact` when a machine can not take one of the drafts: a bug of the decision. */
export function foldDrafts(input: FoldInput): Folded {
  const after = new Map<StreamName, Versioned>();
  const closed = new Set<string>();
  const rows = input.drafts.map((draft, index) => {
    const before = after.get(draft.stream) ?? input.current(draft.stream);
    const kind = input.family.kindOf(draft.stream);
    const stepped = kind.fold(before?.state, draft.fact);
    const expect = before?.version ?? 0;
    after.set(draft.stream, {
      version: expect + 1,
      state: stepped.state,
      final: stepped.final,
    });
    const answers = index === 0 && input.answered !== null ? [input.answered] : [];
    for (const key of cancelledKeys(stepped.effects)) {
      answers.push(...input.openRows(draft.stream, key));
    }
    // An outcome that comes later, because the log could not be written, has nobody to go to.
    if (stepped.final) answers.push(...input.openRows(draft.stream, null));
    // The context is most of a row: its text is made once, here, and is what the log stores.
    const contextText = canonicalShared(stepped.state.context);
    const fresh = [...new Set(answers)].filter((id) => !closed.has(id));
    for (const id of fresh) closed.add(id);
    return {
      stream: draft.stream,
      expect,
      type: draft.fact.type,
      data: draft.fact.data as JsonValue,
      state: stepped.state.value,
      contextText,
      digest: digestOfTexts(contextText, canonical(stepped.state.value)),
      revision: kind.revision,
      effects: stepped.effects.map(asked),
      answers: fresh,
      take: draft.take ?? [],
      free: draft.free ?? [],
      cause: input.cause,
      caller: input.caller,
      final: stepped.final,
      erase: draft.erase ?? [],
    };
  });
  return { rows, after };
}

function cancelledKeys(effects: readonly Effect[]): string[] {
  return effects
    .filter((effect) => effect.type === 'cancel')
    .map((effect) => (effect.params as { key: string }).key);
}

/** A timer is known by its own key, any other effect by its type. */
function asked(effect: Effect): AskedEffect {
  const params = effect.params as JsonValue;
  if (effect.type !== 'timer') return { type: effect.type, params, key: effect.type };
  const { key, ms } = effect.params as { key: string; ms: number };
  return { type: effect.type, params, key, ms };
}
