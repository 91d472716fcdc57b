/**
 * All read models folded anew in a database beside, and compared with those of the log. What they
 * should hold where they differ is written into a file, for the log's owner to put in.
 */
import Sqlite, { type Database } from 'better-sqlite3';
import { PROJECTIONS } from '../../projections/all.ts';
import { factsReader } from '../../store/read.ts';
import { type Bounds, foldedFacts } from '../../store/rebuild.ts';
import { DROP, PUT } from '../../store/repair.ts';
import { openLogFile } from './logFile.ts';
import {
  type Beside,
  beside,
  type Difference,
  differences,
  quoted,
  type Table,
  tablesOf,
} from './readModels.ts';

/** A row that was not what the facts say. */
export type WrongRow = Pick<Difference, 'table' | 'row' | 'problem'>;

export interface Rebuilt {
  /** What was compared followed from the facts up to this position. */
  readonly position: number;
  /** Rows that differ; the file is there if there is one. */
  readonly rows: number;
  /** The first of them. */
  readonly first: readonly WrongRow[];
}

const FIRST = 20;

/** Takes a row of a table, or the key of one that should not be. */
function writer(file: Database, { name, columns, keys }: Table): (difference: Difference) => void {
  const into = (prefix: string, names: readonly string[]) => {
    const listed = names.map(quoted).join(', ');
    file.exec(`CREATE TABLE ${quoted(prefix + name)} (${listed})`);
    const marks = names.map(() => '?').join(', ');
    return file.prepare<unknown[]>(`INSERT INTO ${quoted(prefix + name)} VALUES (${marks})`);
  };
  const put = into(PUT, columns);
  const drop = into(DROP, columns.slice(0, keys));
  return ({ wanted, found }) => {
    if (wanted === null) drop.run(...(found ?? []).slice(0, keys));
    else put.run(...wanted);
  };
}

function compared(db: Database, wanted: Database, target: string): Omit<Rebuilt, 'position'> {
  const first: WrongRow[] = [];
  let rows = 0;
  let file: Database | undefined;
  const tables = new Map(tablesOf(wanted).map((table) => [table.name, table]));
  const writers = new Map<string, (difference: Difference) => void>();
  try {
    for (const difference of differences(wanted, db)) {
      const { table: name, row, problem } = difference;
      const table = tables.get(name);
      if (table === undefined) throw new Error(`there is no table ${name}`);
      file ??= new Sqlite(target);
      const write = writers.get(name) ?? writer(file, table);
      if (rows === 0) file.exec('BEGIN');
      writers.set(name, write);
      write(difference);
      rows += 1;
      if (first.length < FIRST) first.push({ table: name, row, problem });
    }
    if (rows > 0) file?.exec('COMMIT');
  } finally {
    file?.close();
  }
  return { rows, first };
}

function* foldTo(db: Database, models: Beside, bounds: Bounds): Generator<number, void> {
  const types = new Set(PROJECTIONS.flatMap(({ folds }) => folds));
  for (const batch of foldedFacts(db, types, undefined, bounds)) {
    models.fold(batch);
    yield batch.at(-1)?.position ?? 0;
  }
}

/** @param target must not exist */
export function* rebuildBeside(path: string, target: string): Generator<number, Rebuilt> {
  const db = openLogFile(path);
  const models = beside();
  try {
    const reached = factsReader(db).head().position;
    yield* foldTo(db, models, { to: reached });
    // The rest, and the comparison, as of one moment.
    const atOnce = db.transaction((): Rebuilt => {
      const { position } = factsReader(db).head();
      for (const _ of foldTo(db, models, { from: reached + 1, to: position }));
      return { position, ...compared(db, models.db, target) };
    });
    return atOnce.deferred();
  } finally {
    models.close();
    db.close();
  }
}
