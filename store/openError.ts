/**
 * Why a log cannot be opened: something a person has to see to, said in a sentence. Nothing was
 * changed in the file.
 */
import Sqlite from 'better-sqlite3';

export class LogOpenError extends Error {
  override readonly name: string = 'LogOpenError';
}

/** No space for the database, its write-ahead file, or that file's shared-memory index. */
const DISK_FULL = /^SQLITE_(FULL|IOERR_SHMSIZE)$/;

const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [
    /^SQLITE_(NOTADB|CORRUPT)/,
    'the log is damaged; nothing was changed in it. Put a backup in its place, or look what can ' +
      'be read of it with `sqlite3 log.db .recover`',
  ],
  [DISK_FULL, 'there is no space left for the log, not even with its reserve given up'],
  [/^SQLITE_(READONLY|CANTOPEN|PERM)/, 'the log can not be written; is its disk read-only?'],
  [/^SQLITE_IOERR/, 'the disk of the log does not work'],
  [/^SQLITE_(BUSY|LOCKED|PROTOCOL)/, 'another process holds the log'],
];

/** What keeps the file from being made, before SQLite sees it. */
const AS_SQLITE: Readonly<Record<string, string>> = {
  EROFS: 'SQLITE_READONLY',
  EACCES: 'SQLITE_PERM',
  ENOSPC: 'SQLITE_FULL',
  EIO: 'SQLITE_IOERR',
};

/** SQLite's extended result code, or ''. */
export function sqliteCode(error: unknown): string {
  return error instanceof Sqlite.SqliteError ? error.code : '';
}

export function isDiskFull(error: unknown): boolean {
  return DISK_FULL.test(sqliteCode(error));
}

/** What SQLite or the file system threw, as a sentence; anything else as it is. */
export function asOpenError(name: string, error: unknown): unknown {
  const code = sqliteCode(error) || AS_SQLITE[(error as NodeJS.ErrnoException).code ?? ''] || '';
  const sentence = SENTENCES.find(([pattern]) => pattern.test(code))?.[1];
  if (sentence === undefined || !(error instanceof Error)) return error;
  return new LogOpenError(`${name}: ${sentence} (${error.message}, ${code})`, { cause: error });
}
