/**
 * Reads a log that no daemon has to run for, and folds every stream anew with the machines: law 3
 * says that each row recorded what its fact did, so that a difference is drift.
 */
import type { Family, StreamKind } from '../../machines/decision.ts';
import { canonical, digestOf } from '../../machines/step.ts';
import type { ActorState, Fact } from '../../machines/words.ts';
import { openReader } from '../../store/connection.ts';
import { factsReader } from '../../store/read.ts';
import type { StoredFact } from '../../store/types.ts';
import { type Verification, verifyLog } from '../../store/verify.ts';

export interface Replayed {
  readonly facts: number;
  readonly streams: number;
  /** One sentence for each row that folds to something else than it says; empty when all agree. */
  readonly drift: readonly string[];
  /** Chain, versions, times and derived tables. */
  readonly verified: Verification;
}

/** @param path of `log.db`; @param families whoever owns the streams in it */
export function replay(path: string, families: readonly Family[]): Replayed {
  const states = new Map<string, ActorState>();
  /** `<stream> <key>` of all that was asked for up to the row. */
  const asked = new Set<string>();
  const drift: string[] = [];
  const facts = allFacts(path);
  for (const fact of facts) {
    const difference = foldRow(states, asked, kindOf(families, fact.stream), fact);
    if (difference !== undefined) {
      drift.push(`${fact.position} ${fact.stream} ${fact.type}: ${difference}`);
    }
  }
  return { facts: facts.length, streams: states.size, drift, verified: verifyLog(path) };
}

/** Every row, oldest first. */
export function allFacts(path: string): readonly StoredFact[] {
  const db = openReader(path);
  try {
    return factsReader(db).after(0, Number.MAX_SAFE_INTEGER);
  } finally {
    db.close();
  }
}

function kindOf(families: readonly Family[], stream: string): StreamKind | undefined {
  return families.find((family) => family.keyOf(stream) !== undefined)?.kindOf(stream);
}

/**
 * Folds one row; says how the outcome differs from what the row recorded. To call off what the
 * stream has never asked for does nothing, so that a machine may learn a new effect, and to call it
 * off, without a new meaning for old rows.
 */
function foldRow(
  states: Map<string, ActorState>,
  keys: Set<string>,
  kind: StreamKind | undefined,
  row: StoredFact,
): string | undefined {
  if (kind === undefined) return 'no family has this stream';
  const { state, effects } = kind.fold(states.get(row.stream), row as Fact);
  states.set(row.stream, state);
  if (canonical(state.value) !== canonical(row.state)) {
    return `state ${canonical(state.value)}, recorded ${canonical(row.state)}`;
  }
  if (digestOf(state) !== row.digest) return `digest differs, state ${canonical(state)}`;
  if (kind.revision !== row.revision) return `revision ${kind.revision}, recorded ${row.revision}`;
  const tells = (effect: { type: string; params: unknown }): boolean =>
    effect.type !== 'cancel' || keys.has(`${row.stream} ${keyOf(effect.params)}`);
  const asked = canonical(effects.filter(tells).map(plain));
  const recorded = canonical(row.effects.filter(tells).map(plain));
  for (const { type, key = type } of row.effects) keys.add(`${row.stream} ${key}`);
  return asked === recorded ? undefined : `effects ${asked}, recorded ${recorded}`;
}

const plain = ({ type, params }: { type: string; params: unknown }): object => ({ type, params });

const keyOf = (params: unknown): string => String(Object(params).key);
