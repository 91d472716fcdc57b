/**
 * The whole verification of a log: chain, versions, times and tables (the store's), each transition
 * folded again by the machines (drift), and the read models folded anew. In steps, so that whoever
 * runs it can tell how far it is and stop it.
 */
import type { Database } from 'better-sqlite3';
import { FAMILIES } from '../../machines/families.ts';
import { openReader } from '../../store/connection.ts';
import type { StoredFact } from '../../store/types.ts';
import { type Verification, verifySteps, type Witness } from '../../store/verify.ts';
import { driftFold } from './drift.ts';
import { type Beside, beside, differences } from './readModels.ts';

/** At least so many are folded into the read models at once. */
const FACTS_A_BATCH = 5_000;

function* steps(
  db: Database,
  witness: Witness | undefined,
  models: Beside,
): Generator<number, Verification> {
  const drift = driftFold(FAMILIES, { revisions: false });
  let batch: StoredFact[] = [];
  const fold = (): void => {
    models.fold(batch);
    batch = [];
  };
  const outcome = verifySteps(db, {
    witness,
    check(fact) {
      batch.push(fact);
      const difference = drift.next(fact);
      return difference === undefined ? undefined : `it folds to something else: ${difference}`;
    },
    last() {
      fold();
      const [first] = differences(models.db, db);
      if (first === undefined) return undefined;
      const { table, row, problem } = first;
      return { ok: false, table, row, problem };
    },
  });
  for (;;) {
    const step = outcome.next();
    if (step.done === true) return step.value;
    if (batch.length >= FACTS_A_BATCH) fold();
    yield step.value;
  }
}

/**
 * Yields the position reached, returns the outcome. Throws `LogOpenError` if there is nothing to
 * check.
 */
export function* verifyWhole(path: string, witness?: Witness): Generator<number, Verification> {
  const db = openReader(path);
  const models = beside();
  try {
    return yield* steps(db, witness, models);
  } finally {
    models.close();
    db.close();
  }
}
