/** A log as a file that no daemon has to run for. */
import { existsSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { openReader } from '../../store/connection.ts';
import { currentVersion, schemaVersion } from '../../store/migrations.ts';
import { asOpenError, sqliteCode } from '../../store/openError.ts';
import { factsReader } from '../../store/read.ts';

/** The file is not there, or is no log; the message is for people. */
export class LogFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LogFileError';
  }
}

/** @throws LogFileError, LogOpenError */
export function openLogFile(path: string): Database {
  if (!existsSync(path)) throw new LogFileError(`there is no log at ${path}`);
  if (statSync(path).isDirectory()) {
    throw new LogFileError(`${path} is a directory: name the file log.db in it, or a copy of one`);
  }
  try {
    const db = openReader(path);
    try {
      schemaVersion(db, currentVersion());
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  } catch (error) {
    if (sqliteCode(error) === 'SQLITE_NOTADB') {
      throw new LogFileError(`${path} is no log: it is no database, or its beginning is damaged`);
    }
    throw asOpenError(path, error);
  }
}

export function headOf(path: string): { readonly position: number; readonly hash: string } {
  const db = openLogFile(path);
  try {
    const { position, hash } = factsReader(db).head();
    return { position, hash: Buffer.from(hash).toString('hex') };
  } finally {
    db.close();
  }
}
