/**
 * The whole verification of a log: chain, versions, times and tables (the store's), each transition
 * folded again by the machines (drift), and the read models folded anew. In steps, so that whoever
 * runs it can tell how far it is and stop it.
 */
import type { Database } from 'better-sqlite3';
import { FAMILIES } from '../../machines/families.ts';
import { digestOf, digestOfTexts } from '../../machines/step.ts';
import { openReader } from '../../store/connection.ts';
import type { StoredFact } from '../../store/types.ts';
import { type Verification, verifySteps, type Witness } from '../../store/verify.ts';
import { driftFold } from './drift.ts';
import { type Beside, beside, differences } from './readModels.ts';

/** At least so many are folded into the read models at once. */
const FACTS_A_BATCH = 5_000;

type SnapshotRow = readonly [
  name: string,
  value: string,
  context: string,
  digest: string,
  final: number,
];

/** Whether the texts are those of the digest, in whatever order their keys are. */
function isOfDigest([, value, context, digest]: SnapshotRow): boolean {
  if (digestOfTexts(context, value) === digest) return true;
  try {
    return digestOf({ value: JSON.parse(value), context: JSON.parse(context) }) === digest;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/**
 * The states that a daemon goes on from: what they hold beside their value, and whether they are
 * over, is in no fact's row.
 * @param open the streams that take further facts
 */
function wrongSnapshot(db: Database, open: ReadonlyMap<string, unknown>): Verification | undefined {
  const rows = db
    .prepare<[], SnapshotRow>('SELECT name, value, context, digest, final FROM streams')
    .raw();
  for (const row of rows.iterate()) {
    const [name, , , , final] = row;
    const bad = (problem: string) => ({ ok: false, table: 'streams', row: name, problem }) as const;
    if (!isOfDigest(row)) return bad('its state is not the one that its digest is of');
    if ((final === 0) !== open.has(name)) {
      return bad(`it is said to ${final === 0 ? 'go on' : 'be over'}, which is not so`);
    }
  }
  return undefined;
}

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
      const snapshot = wrongSnapshot(db, drift.states);
      if (snapshot !== undefined) return snapshot;
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
