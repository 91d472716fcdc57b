/**
 * Read models folded anew in a database of their own, and the comparison with the tables that a log
 * holds. The database is a temporary file that SQLite takes away: memory stays flat.
 */
import Sqlite, { type Database } from 'better-sqlite3';
import { PROJECTIONS } from '../../projections/all.ts';
import { projectionsBeside } from '../../store/projections.ts';
import type { BatchFold } from '../../store/types.ts';

export interface Beside {
  readonly db: Database;
  readonly fold: BatchFold;
  close(): void;
}

/** Empty tables of all read models of this version. */
export function beside(): Beside {
  const db = new Sqlite('');
  db.pragma('journal_mode = OFF');
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -65536');
  const fold = projectionsBeside(db, PROJECTIONS);
  // Never committed: nobody else reads it, and each commit would write out pages that change again.
  db.exec('BEGIN');
  return { db, fold, close: () => void db.close() };
}

export type Row = readonly unknown[];

export interface Difference {
  readonly table: string;
  /** The row's key, as text. */
  readonly row: string;
  readonly problem: string;
  /** As it should be; null: no such row should be. */
  readonly wanted: Row | null;
  /** As it is; null: it is missing. */
  readonly found: Row | null;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** How many of the first of them are the key. */
  readonly keys: number;
}

interface ColumnInfo {
  readonly name: string;
  /** Place in the primary key, from 1; 0: no part of it. */
  readonly pk: number;
}

/** Tables of read models, their key columns first, in the key's order. */
export function tablesOf(db: Database): readonly Table[] {
  const names = db
    .prepare<[], string>(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'p\\_%' ESCAPE '\\'
        ORDER BY name`,
    )
    .pluck()
    .all();
  return names.map((name) => {
    const infos = db.prepare<[string], ColumnInfo>('SELECT * FROM pragma_table_info(?)').all(name);
    const keys = infos.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
    const rest = infos.filter(({ pk }) => pk === 0);
    const all = keys.length === 0 ? infos : [...keys, ...rest];
    return {
      name,
      columns: all.map((one) => one.name),
      keys: keys.length === 0 ? all.length : keys.length,
    };
  });
}

/** As texts, for a comparison that does not care how a number came out of the database. */
const text = (row: Row): string =>
  JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value));

/** Most values are the very same, which costs no text. */
const sameRow = (a: Row, b: Row): boolean =>
  a.every((value, index) => value === b[index]) || text(a) === text(b);

/** Quoted values of one row by SQLite itself sort as its keys do. */
function rowsOf(db: Database, { name, columns, keys }: Table): IterableIterator<Row> {
  const all = columns.map(quoted).join(', ');
  const order = columns.slice(0, keys).map(quoted).join(', ');
  const sql = `SELECT ${all} FROM ${quoted(name)} ORDER BY ${order}`;
  return db.prepare<[], Row>(sql).safeIntegers().raw().iterate();
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Which of two keys comes first in SQLite's order of texts and numbers. */
function before(left: Row, right: Row, keys: number): number {
  for (let at = 0; at < keys; at += 1) {
    const [a, b] = [left[at], right[at]];
    if (a === b) continue;
    if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : 1;
    return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
  }
  return 0;
}

function* differencesIn(table: Table, wanted: Database, found: Database): Generator<Difference> {
  const [left, right] = [rowsOf(wanted, table), rowsOf(found, table)];
  const next = (rows: IterableIterator<Row>): Row | null => rows.next().value ?? null;
  try {
    for (let [a, b] = [next(left), next(right)]; a !== null || b !== null; ) {
      const order = a === null ? 1 : b === null ? -1 : before(a, b, table.keys);
      const one = order <= 0 ? a : null;
      const other = order >= 0 ? b : null;
      if (order !== 0 || !sameRow(a ?? [], b ?? [])) yield difference(table, one, other);
      if (order <= 0) a = next(left);
      if (order >= 0) b = next(right);
    }
  } finally {
    left.return?.();
    right.return?.();
  }
}

function difference(table: Table, wanted: Row | null, found: Row | null): Difference {
  const { name, keys } = table;
  const row = (wanted ?? found ?? []).slice(0, keys).map(String).join(' ');
  if (found === null) return { table: name, row, problem: 'is missing', wanted, found };
  if (wanted === null) {
    return { table: name, row, problem: 'no fact explains it', wanted, found };
  }
  const at = wanted.findIndex((value, index) => text([value]) !== text([found[index]]));
  const column = table.columns[at] ?? '';
  const problem = `${column} is ${text([found[at]])}, not ${text([wanted[at]])}`;
  return { table: name, row, problem, wanted, found };
}

/**
 * How the read models of a log differ from those folded beside; models of another version of
 * shiplog are left out. The caller holds a read transaction, and takes all before it awaits.
 */
export function* differences(wanted: Database, found: Database): Generator<Difference> {
  const versions = found.prepare<[], [string, number]>('SELECT name, version FROM projections');
  const known = new Map(versions.raw().all());
  const outdated = PROJECTIONS.filter(({ name, version }) => known.get(name) !== version);
  const skipped = new Set(outdated.flatMap(({ schema }) => schema.flatMap(tableNames)));
  for (const table of tablesOf(wanted)) {
    if (!skipped.has(table.name)) yield* differencesIn(table, wanted, found);
  }
}

const tableNames = (statement: string): readonly string[] =>
  [...statement.matchAll(/CREATE TABLE (\w+)/g)].map(([, name = '']) => name);
