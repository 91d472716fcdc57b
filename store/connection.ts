/**
 * The two connections to a log: one writer, ever, and one that only reads. Nothing else in the
 * daemon may open these files, with `fs` least of all: closing them would drop SQLite's locks.
 *
 * This SQLite is built with STAT4. Where a plan may hang on the value of a parameter, as with
 * `column = ?` beside a join or an ORDER BY, or with `LIMIT ?`, it prepares the statement anew
 * whenever a value is bound, which takes several times as long as the statement. In what is asked
 * often the parameter is therefore written `(SELECT ?)`: no plan looks into that.
 */
import { closeSync, existsSync, openSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';

/** How long a statement waits for another process's lock. It blocks the event loop, so: briefly. */
const BUSY_TIMEOUT_MS = 100;

/** What the write-ahead file is cut back to when it starts over. */
const WAL_BYTES_KEPT = 16 * 1024 * 1024;

/**
 * The writer, not configured yet: nothing is changed in the file until `configureWriter`. A new
 * file is readable by its owner alone (SQLite gives the write-ahead file the same mode): it will
 * hold secrets.
 */
export function openWriter(path: string): Database {
  if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
  return new Sqlite(path, { timeout: BUSY_TIMEOUT_MS });
}

/**
 * Durability: FULL syncs each commit. Checkpoints are the owner's to time, never part of an append.
 */
export function configureWriter(db: Database): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('wal_autocheckpoint = 0');
  db.pragma(`journal_size_limit = ${WAL_BYTES_KEPT}`);
  // Erased secrets leave no bytes in free pages.
  db.pragma('secure_delete = ON');
}

/** A read-only connection to an existing log. */
export function openReader(path: string): Database {
  return new Sqlite(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
}
