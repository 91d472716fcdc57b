/**
 * The rows of a read model's table as values. A fold takes a row and puts another one in its place;
 * the database is read once for each row that a batch of facts concerns, and written once for each
 * that it has changed. So a rebuild, whose batches are long, writes little more than it leaves.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { FoldedFact } from './projection.ts';

/** `ns`: nanoseconds since 1970, a BigInt. With `?` it may be null. */
type ColumnKind = 'text' | 'text?' | 'integer' | 'integer?' | 'ns' | 'ns?';
type Columns = Readonly<Record<string, ColumnKind>>;

type Plain<K> = K extends `text${string}` ? string : K extends `integer${string}` ? number : bigint;
export type RowOf<C extends Columns> = {
  readonly [N in keyof C]: C[N] extends `${string}?` ? Plain<C[N]> | null : Plain<C[N]>;
};

type Value = string | number | bigint | null;
type AnyRow = Readonly<Record<string, Value>>;

export interface Rows<R> {
  get(id: string): R | undefined;
  /** In the place of the row with its id, if there is one. */
  put(row: R): void;
}

/** Rows that wait to be written. */
interface Pending {
  flush(): void;
  /** Whatever was read or changed since the last flush is forgotten. */
  forget(): void;
}

export type Table<R> = Rows<R> & Pending;

interface Entry {
  /** As it is in the database; undefined: it is not there. */
  readonly stored: AnyRow | undefined;
  row: AnyRow | undefined;
}

const DDL = { text: 'TEXT', integer: 'INTEGER', ns: 'INTEGER' } as const;

function declared(name: string, kind: ColumnKind): string {
  const [plain = 'text', nullable] = kind.split(/(\?)/) as ['text' | 'integer' | 'ns', '?'?];
  const key = name === 'id' ? ' PRIMARY KEY' : '';
  return `${name} ${DDL[plain]}${key}${nullable === '?' ? '' : ' NOT NULL'}`;
}

/** The statement that makes the table. Its key is the column `id`. */
export function tableSchema(name: string, columns: Columns): string {
  const all = Object.entries(columns).map(([column, kind]) => declared(column, kind));
  return `CREATE TABLE ${name} (${all.join(', ')}) STRICT, WITHOUT ROWID`;
}

/** Only what has changed is set: an index of other columns is then not touched. */
function updates(db: Database, name: string): (before: AnyRow, after: AnyRow) => void {
  const statements = new Map<string, Statement<Value[]>>();
  return (before, after) => {
    const changed = Object.keys(after).filter((column) => after[column] !== before[column]);
    if (changed.length === 0) return;
    const columns = changed.map((column) => `${column} = ?`).join(', ');
    let statement = statements.get(columns);
    if (statement === undefined) {
      statement = db.prepare<Value[]>(`UPDATE ${name} SET ${columns} WHERE id = ?`);
      statements.set(columns, statement);
    }
    statement.run(...changed.map((column) => after[column] ?? null), after['id'] ?? null);
  };
}

/** The table must exist. */
export function openTable<const C extends Columns>(
  db: Database,
  name: string,
  columns: C,
): Table<RowOf<C>> {
  const names = Object.keys(columns);
  const numbers = names.filter((column) => columns[column]?.startsWith('integer'));
  const select = db
    .prepare<[string], Record<string, Value>>(
      `SELECT ${names.join(', ')} FROM ${name} WHERE id = ?`,
    )
    .safeIntegers();
  const marks = names.map(() => '?').join(', ');
  const insert = db.prepare<Value[]>(`INSERT INTO ${name} (${names.join(', ')}) VALUES (${marks})`);
  const update = updates(db, name);
  const entries = new Map<string, Entry>();

  function read(id: string): AnyRow | undefined {
    const row = select.get(id);
    if (row === undefined) return undefined;
    for (const column of numbers) if (row[column] !== null) row[column] = Number(row[column]);
    return row;
  }

  function entry(id: string): Entry {
    let known = entries.get(id);
    if (known === undefined) {
      const stored = read(id);
      known = { stored, row: stored };
      entries.set(id, known);
    }
    return known;
  }

  function write({ stored, row }: Entry): void {
    if (row === undefined || row === stored) return;
    if (stored === undefined) insert.run(...names.map((column) => row[column] ?? null));
    else update(stored, row);
  }

  return {
    get: (id) => entry(id).row as RowOf<C> | undefined,
    put: (row) => {
      const values = row as AnyRow;
      entry(String(values['id'])).row = values;
    },
    flush() {
      for (const one of entries.values()) write(one);
    },
    forget: () => entries.clear(),
  };
}

/** Folds the facts of a batch one after the other, and then writes the rows of the tables. */
export function batched(
  tables: readonly Pending[],
  fold: (fact: FoldedFact) => void,
): (facts: readonly FoldedFact[]) => void {
  return (facts) => {
    try {
      for (const fact of facts) fold(fact);
      for (const table of tables) table.flush();
    } finally {
      for (const table of tables) table.forget();
    }
  };
}
