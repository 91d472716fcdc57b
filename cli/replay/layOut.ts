/** A checked file as `log.db` of a directory. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogFileError, openLogFile } from './logFile.ts';

/** @throws LogFileError if there is a log already */
export function placeFor(directory: string): string {
  const target = join(directory, 'log.db');
  if (existsSync(target)) throw new LogFileError(`there is a log already: ${target}`);
  return target;
}

/** @throws LogFileError if there is a log already */
export function layOut(file: string, directory: string): void {
  const target = placeFor(directory);
  const partial = `${target}.partial`;
  mkdirSync(directory, { recursive: true });
  rmSync(partial, { force: true });
  const db = openLogFile(file);
  try {
    // It may hold secrets: nobody else reads it, not even while it is written.
    writeFileSync(partial, '', { mode: 0o600 });
    db.prepare('VACUUM INTO ?').run(partial);
    renameSync(partial, target);
  } finally {
    db.close();
    rmSync(partial, { force: true });
  }
}
