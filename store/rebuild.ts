/**
 * The facts for a rebuild of read models: as much of each row as a fold may look at, and only of
 * the types that somebody folds. What is not read costs no parsing.
 */
import type { Database } from 'better-sqlite3';
import { type DamageRecord, damageRecord } from './damage.ts';
import type { FoldedFact, Json } from './types.ts';

/** Facts that are taken out of the database at once. */
const PAGE_FACTS = 2_000;

type Row = readonly [
  position: bigint,
  stream: string,
  type: string,
  data: string,
  state: string,
  atNs: bigint,
];

/** Sorts directly after all that begin with `beginning`. */
function past(beginning: string): string {
  const last = beginning.charCodeAt(beginning.length - 1);
  return `${beginning.slice(0, -1)}${String.fromCharCode(last + 1)}`;
}

/** Positions, both included. */
export interface Bounds {
  readonly from?: number;
  readonly to?: number;
}

/**
 * All facts whose type begins with one of `beginnings` (absent: all), oldest first, in batches. One
 * that cannot be read is left out, and told. No statement is open between two batches.
 */
export function* foldedFacts(
  db: Database,
  beginnings?: ReadonlySet<string>,
  damage: DamageRecord = damageRecord(),
  { from = 1, to = Number.MAX_SAFE_INTEGER }: Bounds = {},
): Generator<readonly FoldedFact[]> {
  const bounds = [...(beginnings ?? [])].flatMap((one) => [one, past(one)]);
  const wanted =
    bounds.length === 0
      ? '1'
      : [...(beginnings ?? [])].map(() => '(f.type >= ? AND f.type < ?)').join(' OR ');
  const page = db
    .prepare<(number | string)[], Row>(
      `SELECT f.position, s.name, f.type, f.data, f.state, f.at_ns
        FROM facts f CROSS JOIN streams s ON s.id = f.stream
        WHERE f.position > ? AND f.position <= ? AND (${wanted})
        ORDER BY f.position LIMIT ${PAGE_FACTS}`,
    )
    .safeIntegers()
    .raw();
  const fold = folder();
  let rows = page.all(from - 1, to, ...bounds);
  while (rows.length > 0) {
    yield soundFacts(rows, fold, damage);
    rows = page.all(Number(rows.at(-1)?.[0]), to, ...bounds);
  }
}

function soundFacts(
  rows: readonly Row[],
  fold: (row: Row) => FoldedFact,
  damage: DamageRecord,
): readonly FoldedFact[] {
  const facts: FoldedFact[] = [];
  for (const row of rows) {
    try {
      facts.push(fold(row));
    } catch {
      // Once more, for the record.
      const where = { table: 'facts', row: String(row[0]), stream: row[1] } as const;
      damage.read(where, () => fold(row));
    }
  }
  return facts;
}

/** The states of machines are few: each is parsed once. */
const STATES_KNOWN = 1_000;

function folder(): (row: Row) => FoldedFact {
  const states = new Map<string, Json>();
  const stateOf = (text: string): Json => {
    let state = states.get(text);
    if (state === undefined) {
      state = JSON.parse(text) as Json;
      if (states.size < STATES_KNOWN) states.set(text, state);
    }
    return state;
  };
  return ([position, stream, type, data, state, atNs]) => {
    return {
      position: Number(position),
      stream,
      type,
      data: JSON.parse(data),
      state: stateOf(state),
      atNs,
    };
  };
}
