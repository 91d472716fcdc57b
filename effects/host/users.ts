/** Names of this machine's users, for people; the log keeps the numbers. */
import { readFileSync, statSync } from 'node:fs';

const PASSWD = '/etc/passwd';
const known = { mtimeMs: -1, names: new Map<number, string>() };

function readNames(): void {
  const { mtimeMs } = statSync(PASSWD);
  if (mtimeMs === known.mtimeMs) return;
  const lines = readFileSync(PASSWD, 'utf8').split('\n');
  known.names = new Map(
    lines.toReversed().map((line) => {
      const [name = '', , uid = '-1'] = line.split(':');
      return [Number(uid), name];
    }),
  );
  known.mtimeMs = mtimeMs;
}

/** @returns undefined if it has none, or nobody can tell */
export function userName(uid: number): string | undefined {
  try {
    readNames();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
  return known.names.get(uid);
}
