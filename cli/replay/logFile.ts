/** A log as a file that no daemon has to run for. */
import { existsSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { openReader } from '../../store/connection.ts';
import { currentVersion, schemaVersion } from '../../store/migrations.ts';
import { asOpenError } from '../../store/openError.ts';
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
