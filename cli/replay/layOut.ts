/** A checked file as `log.db` of a directory. */
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LogFileError, openLogFile } from './logFile.ts';

/** @throws LogFileError if there is a log already */
export function layOut(file: string, directory: string): void {
  const target = join(directory, 'log.db');
  if (existsSync(target)) throw new LogFileError(`there is a log already: ${target}`);
  mkdirSync(directory, { recursive: true });
  const db = openLogFile(file);
  try {
    db.prepare('VACUUM INTO ?').run(target);
  } finally {
    db.close();
  }
  // It may hold secrets.
  chmodSync(target, 0o600);
}
