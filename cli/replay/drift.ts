/**
 * Folds the rows of a log anew with the machines: law 3 says that each row recorded what its fact
 * did, so that a difference is drift.
 */
import type { Family, StreamKind } from '../../machines/decision.ts';
import { canonical, canonicalShared, digestOfTexts } from '../../machines/step.ts';
import type { ActorState, Fact } from '../../machines/words.ts';
import type { StoredFact } from '../../store/types.ts';

export interface DriftFold {
  /** Folds the next row; says how the outcome differs from what the row recorded. */
  next(row: StoredFact): string | undefined;
  /** Of the streams that take further facts; those that ended are forgotten. */
  readonly states: ReadonlyMap<string, ActorState>;
  /** How many streams there were. */
  streams(): number;
}

/**
 * @param families whoever owns the streams
 * @param options.revisions a row of another revision is told, too, even if it folds to the same
 */
export function driftFold(
  families: readonly Family[],
  { revisions = true }: { readonly revisions?: boolean } = {},
): DriftFold {
  const states = new Map<string, ActorState>();
  const kinds = new Map<string, StreamKind>();
  /** By stream, the keys of all that it asked for up to the row. */
  const asked = new Map<string, Set<string>>();
  let streams = 0;

  function kindOf(stream: string): StreamKind | undefined {
    const known = kinds.get(stream);
    if (known !== undefined) return known;
    const kind = families.find((one) => one.keyOf(stream) !== undefined)?.kindOf(stream);
    if (kind !== undefined) kinds.set(stream, kind);
    return kind;
  }

  return {
    states,
    streams: () => streams,
    next(row) {
      if (row.version === 1) streams += 1;
      const kind = kindOf(row.stream);
      if (kind === undefined) return 'no family has this stream';
      const keys = asked.get(row.stream) ?? new Set();
      const { final, difference } = foldRow(states, keys, kind, row);
      if (difference !== undefined) return difference;
      if (final) {
        for (const known of [states, kinds, asked]) known.delete(row.stream);
      } else if (keys.size > 0) asked.set(row.stream, keys);
      if (!revisions || kind.revision === row.revision) return undefined;
      return `revision ${kind.revision}, recorded ${row.revision}`;
    },
  };
}

/**
 * To call off what the stream has never asked for does nothing, so that a machine may learn a new
 * effect, and to call it off, without a new meaning for old rows.
 */
function foldRow(
  states: Map<string, ActorState>,
  keys: Set<string>,
  kind: StreamKind,
  row: StoredFact,
): { readonly final: boolean; readonly difference?: string } {
  const stepped = folded(kind, states.get(row.stream), row);
  if (stepped instanceof Error) return { final: false, difference: stepped.message };
  const { state, effects, final } = stepped;
  states.set(row.stream, state);
  const tells = (effect: { type: string; params: unknown }): boolean =>
    effect.type !== 'cancel' || keys.has(keyOf(effect.params));
  const asked = canonical(effects.filter(tells).map(plain));
  const recorded = canonical(row.effects.filter(tells).map(plain));
  for (const { type, key = type } of row.effects) keys.add(key);
  const value = canonical(state.value);
  if (value !== canonical(row.state)) {
    const difference = `state ${value}, recorded ${canonical(row.state)}`;
    return { final, difference };
  }
  if (digestOfTexts(canonicalShared(state.context), value) !== row.digest) {
    return { final, difference: `digest differs, state ${canonical(state)}` };
  }
  if (asked === recorded) return { final };
  return { final, difference: `effects ${asked}, recorded ${recorded}` };
}

/** A machine that can not take the fact at all is the widest drift there is. */
function folded(kind: StreamKind, before: ActorState | undefined, row: StoredFact) {
  try {
    return kind.fold(before, row as Fact);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const plain = ({ type, params }: { type: string; params: unknown }): object => ({ type, params });

const keyOf = (params: unknown): string => String(Object(params).key);
