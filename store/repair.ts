/**
 * Puts rows of read models right that were found to be other than what the facts say, while appends
 * go on. The right rows lie in a file beside, as of a position. Each step replaces some of them in
 * one transaction and folds the facts after that position again: what is folded already does not
 * change, what was put back catches up.
 */
import type { Database } from 'better-sqlite3';
import { foldedFacts } from './rebuild.ts';
import type { BatchFold } from './types.ts';

/** Rows in one transaction: bounds how long it holds the event loop. */
const ROWS_A_STEP = 250;

/** In the file beside: rows to put into the table of this name, and keys of rows to take out. */
export const PUT = 'put_';
export const DROP = 'drop_';

/** What the daemon holds of its read models. */
export interface Models {
  readonly db: Database;
  /** Over all of them. */
  readonly fold: BatchFold;
  /** What the types that they fold begin with; undefined: all. */
  readonly types: ReadonlySet<string> | undefined;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

interface Work {
  /** Table of the file. */
  readonly source: string;
  readonly change: (after: number, to: number) => void;
}

function workOn(db: Database, source: string): Work {
  const columns = db
    .prepare<[string], string>("SELECT name FROM pragma_table_info(?, 'beside')")
    .pluck()
    .all(source)
    .map(quoted)
    .join(', ');
  const slice = `SELECT ${columns} FROM beside.${quoted(source)} WHERE rowid > ? AND rowid <= ?`;
  const table = (prefix: string): string => `main.${quoted(source.slice(prefix.length))}`;
  const change = db.prepare<[number, number]>(
    source.startsWith(PUT)
      ? `INSERT OR REPLACE INTO ${table(PUT)} (${columns}) ${slice}`
      : `DELETE FROM ${table(DROP)} WHERE (${columns}) IN (${slice})`,
  );
  return { source, change: (after, to) => void change.run(after, to) };
}

function* putRight({ db, fold, types }: Models, position: number): Generator<number, void> {
  const sources = db
    .prepare<[], string>("SELECT name FROM beside.sqlite_master WHERE type = 'table'")
    .pluck()
    .all();
  let done = 0;
  for (const { source, change } of sources.map((one) => workOn(db, one))) {
    const rows = db
      .prepare<[], number>(`SELECT coalesce(max(rowid), 0) FROM beside.${quoted(source)}`)
      .pluck()
      .get();
    const step = db.transaction((after: number) => {
      change(after, after + ROWS_A_STEP);
      for (const batch of foldedFacts(db, types, undefined, { from: position + 1 })) fold(batch);
    });
    for (let after = 0; after < (rows ?? 0); after += ROWS_A_STEP) {
      step.immediate(after);
      done += ROWS_A_STEP;
      yield done;
    }
  }
}

/**
 * @param file with the tables `put_…` and `drop_…`; it is only read
 * @param position of the newest fact that its rows follow from
 * @yields about how many rows are done, after each transaction
 */
export function* repair(models: Models, file: string, position: number): Generator<number, void> {
  const { db } = models;
  db.prepare('ATTACH ? AS beside').run(file);
  try {
    yield* putRight(models, position);
  } finally {
    db.exec('DETACH beside');
  }
}
