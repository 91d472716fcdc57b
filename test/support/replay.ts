/** Replays a log that no daemon has to run for: what drifts, and whether it is whole. */

import { driftFold } from '../../cli/replay/drift.ts';
import type { Family } from '../../machines/decision.ts';
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
  const fold = driftFold(families);
  const facts = allFacts(path);
  const drift = facts.flatMap((fact) => {
    const difference = fold.next(fact);
    return difference === undefined
      ? []
      : [`${fact.position} ${fact.stream} ${fact.type}: ${difference}`];
  });
  return { facts: facts.length, streams: fold.streams(), drift, verified: verifyLog(path) };
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
