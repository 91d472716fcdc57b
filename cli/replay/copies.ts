/**
 * Copies of a log that is in use, each one file, made by SQLite itself: whole, without its secrets,
 * or the part of one container. What is left out leaves no bytes behind.
 */
import Sqlite, { type Database } from 'better-sqlite3';
import { openContainerQueries } from '../../projections/containerQueries.ts';
import { LogFileError, openLogFile } from './logFile.ts';

export interface CopyAsked {
  readonly path: string;
  /** Must not exist. */
  readonly target: string;
  /** Names of environment variables whose values go along; null: all secrets do. */
  readonly reveal: readonly string[] | null;
  /** Id, prefix or name: only its facts; null: the whole log. */
  readonly container: string | null;
}

function vacuumInto(db: Database, target: string): void {
  db.prepare('VACUUM INTO ?').run(target);
}

/** Values that nobody asked for by name. */
function dropSecrets(db: Database, reveal: readonly string[]): void {
  const marks = reveal.map(() => '?').join(', ');
  db.prepare(
    `DELETE FROM secrets WHERE digest NOT IN (
       SELECT json_extract(e.value, '$.digest') FROM facts f, json_each(f.data, '$.env') e
       WHERE f.type = 'container.create-requested'
         AND json_extract(e.value, '$.name') IN (${marks}))`,
  ).run(...reveal);
}

function idOf(db: Database, ref: string): string {
  const found = openContainerQueries(db).resolveEver(ref);
  if (found.kind === 'found') return found.id;
  throw new LogFileError(
    found.kind === 'none' ? `No such container: ${ref}` : `several containers are meant by ${ref}`,
  );
}

/** `container/<id>`, and `<kind>/<id>/…` of whatever kind. */
function familyStreams(db: Database, id: string): readonly string[] {
  return db
    .prepare<[string, string], string>(
      `SELECT name FROM streams WHERE name = ? OR instr(name, ?) > 0 ORDER BY id`,
    )
    .pluck()
    .all(`container/${id}`, `/${id}/`);
}

/** The chain is kept by the hash that stood before each fact. */
function extract(db: Database, id: string): void {
  for (const trigger of ['facts_no_update', 'facts_no_delete', 'facts_in_order']) {
    db.exec(`DROP TRIGGER ${trigger}`);
  }
  db.exec('CREATE TEMP TABLE kept (id INTEGER PRIMARY KEY)');
  const keep = db.prepare('INSERT INTO kept SELECT id FROM streams WHERE name = ?');
  for (const stream of familyStreams(db, id)) keep.run(stream);
  db.exec(`CREATE TABLE links (position INTEGER PRIMARY KEY, previous BLOB NOT NULL) STRICT;
    INSERT INTO links SELECT f.position, coalesce(
      (SELECT hash FROM facts b WHERE b.position = f.position - 1), zeroblob(32))
      FROM facts f WHERE f.stream IN (SELECT id FROM kept)`);
  for (const table of ['facts', 'claims', 'agenda']) {
    db.exec(`DELETE FROM ${table} WHERE stream NOT IN (SELECT id FROM kept)`);
  }
  db.exec('DELETE FROM streams WHERE id NOT IN (SELECT id FROM kept)');
  const models = db
    .prepare<[], string>(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'p\\_%' ESCAPE '\\'`,
    )
    .pluck()
    .all();
  for (const model of models) db.exec(`DROP TABLE ${model}`);
  db.exec('DELETE FROM projections');
  db.prepare("INSERT INTO meta (key, value) VALUES ('extract', ?)").run(id);
}

/** @throws LogFileError for a container that never was */
export function* copyLog({ path, target, reveal, container }: CopyAsked): Generator<number, null> {
  const source = openLogFile(path);
  try {
    const id = container === null ? null : idOf(source, container);
    vacuumInto(source, target);
    yield 0;
    if (reveal === null && id === null) return null;
    const copy = new Sqlite(target);
    try {
      copy.pragma('journal_mode = DELETE');
      copy.pragma('secure_delete = ON');
      copy.pragma('foreign_keys = OFF');
      if (reveal !== null) dropSecrets(copy, reveal);
      if (id !== null) extract(copy, id);
      copy.exec('VACUUM');
    } finally {
      copy.close();
    }
    return null;
  } finally {
    source.close();
  }
}
