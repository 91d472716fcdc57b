/**
 * Brings a log's tables to the version that this code knows. The law:
 *
 * - the array is ordered, one entry a version, and its last entry is the current version;
 * - an entry that was released is never edited or removed;
 * - an entry never touches a row of `facts` (the chain covers them); old fact shapes are upcast
 *   when read;
 * - every version has a fixture in store/fixtures/ and a test that opens, migrates and reads it.
 */
import type { Database } from 'better-sqlite3';
import { LogOpenError } from './openError.ts';
import { LOG_FORMAT, schemaV1, schemaV2 } from './schema.ts';
import type { Clock } from './types.ts';

export interface Migration {
  readonly version: number;
  readonly statements: readonly string[];
}

export const migrations: readonly Migration[] = [
  { version: 1, statements: schemaV1 },
  { version: 2, statements: schemaV2 },
];

/** The log was written by a newer shiplog. Nothing was changed in it. */
export class LogTooNewError extends LogOpenError {
  override readonly name = 'LogTooNewError';
  readonly found: number;
  readonly known: number;

  constructor(path: string, what: 'schema' | 'format', found: number, known: number) {
    super(
      `${path}: the log has ${what} version ${found}, this shiplog knows up to ${known}; ` +
        'upgrade shiplog, or point it at another data root',
    );
    this.found = found;
    this.known = known;
  }
}

/** The file is a database, but not a shiplog log. Nothing was changed in it. */
export class NotALogError extends LogOpenError {
  override readonly name = 'NotALogError';

  constructor(path: string, reason: string) {
    super(`${path}: not a shiplog log (${reason})`);
  }
}

export interface MigrateOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly newLogId: () => string;
  /** Other than the real ones in tests only. */
  readonly steps?: readonly Migration[];
}

/** Whether the file holds no table yet. */
function isEmpty(db: Database): boolean {
  return (
    db.prepare("SELECT 1 FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").get() === undefined
  );
}

function hasMeta(db: Database): boolean {
  const row = db
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'")
    .get();
  return row !== undefined;
}

/** The text of a `meta` key, or undefined. */
export function readMeta(db: Database, key: string): string | undefined {
  const statement = db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?');
  return statement.get(key)?.value;
}

function writeMeta(db: Database, key: string, value: string): void {
  db.prepare(
    `INSERT INTO meta (key, value) VALUES (?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  ).run(key, value);
}

function readVersion(db: Database, key: 'schema' | 'format'): number {
  const version = Number(readMeta(db, key));
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new NotALogError(db.name, `meta has no ${key} version`);
  }
  return version;
}

/**
 * The schema version of an existing log, 0 for an empty file. Throws if this code cannot read it.
 */
export function schemaVersion(db: Database, current: number): number {
  if (isEmpty(db)) return 0;
  if (!hasMeta(db)) throw new NotALogError(db.name, 'it has tables, but none named meta');
  const schema = readVersion(db, 'schema');
  if (schema > current) throw new LogTooNewError(db.name, 'schema', schema, current);
  const format = readVersion(db, 'format');
  if (format > LOG_FORMAT) throw new LogTooNewError(db.name, 'format', format, LOG_FORMAT);
  return schema;
}

/** The version of the last migration. */
export function currentVersion(steps: readonly Migration[] = migrations): number {
  return steps.at(-1)?.version ?? 0;
}

/** Creates or migrates in one transaction. Throws `LogTooNewError` or `NotALogError`. */
export function migrate(options: MigrateOptions): void {
  const { db, clock, newLogId, steps = migrations } = options;
  const current = currentVersion(steps);
  const run = db.transaction(() => {
    const found = schemaVersion(db, current);
    if (found === current) return;
    for (const step of steps.filter((one) => one.version > found)) {
      for (const statement of step.statements) db.exec(statement);
    }
    if (found === 0) {
      writeMeta(db, 'format', String(LOG_FORMAT));
      writeMeta(db, 'log-id', newLogId());
      writeMeta(db, 'created-ns', String(clock.nowNs()));
    }
    writeMeta(db, 'schema', String(current));
  });
  run.immediate();
}
