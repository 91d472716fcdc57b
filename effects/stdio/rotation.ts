/**
 * The files of a log that are not written any more: `<path>.1` is the newest, `<path>.2` the one
 * before. With compression each becomes `….gz` when there is time; until then it keeps its number
 * as it is, so that nothing waits and the bound holds.
 */
import * as fs from 'node:fs';
import { codeOf } from '../system/libc.ts';
import { compressFile } from './compression.ts';
import type { LogLimits } from './logOptions.ts';

/** `.log` becomes `.log.1`, that `.log.2`, up to one less than the files kept. */
export function shiftFiles(path: string, maxFiles: number): void {
  const most = maxFiles - 1;
  if (most < 1) return fs.rmSync(path, { force: true });
  for (const end of ['', '.gz']) fs.rmSync(`${path}.${most}${end}`, { force: true });
  for (let n = most; n >= 2; n -= 1) {
    for (const end of ['', '.gz']) {
      const from = `${path}.${n - 1}${end}`;
      if (fs.existsSync(from)) fs.renameSync(from, `${path}.${n}${end}`);
    }
  }
  fs.renameSync(path, `${path}.1`);
}

/** Those at work, by the path of their log: each has one file that is not finished. */
const working = new Set<string>();

/** Compresses what of the log is not compressed, beside the writing of it. */
export function compressRotated(
  path: string,
  { compress, maxFiles }: LogLimits,
  failed: (error: unknown) => void,
): void {
  if (!compress || working.has(path)) return;
  working.add(path);
  compressAll(path, maxFiles).catch(failed);
}

async function compressAll(path: string, maxFiles: number): Promise<void> {
  const unfinished = `${path}.compressing`;
  try {
    for (let next = oldest(path, maxFiles); next !== ''; next = oldest(path, maxFiles)) {
      try {
        replace(path, maxFiles, await compressFile(next, unfinished), unfinished);
      } catch (error) {
        // It was rotated before it was opened, and has another name; or went with its container.
        if (codeOf(error) !== 'ENOENT') throw error;
      } finally {
        fs.rmSync(unfinished, { force: true });
      }
    }
  } finally {
    // In the turn of the last look: what is rotated after it begins anew.
    working.delete(path);
  }
}

/** That is not compressed; `''` if all are. */
function oldest(path: string, maxFiles: number): string {
  for (let n = maxFiles - 1; n >= 1; n -= 1) {
    if (fs.existsSync(`${path}.${n}`)) return `${path}.${n}`;
  }
  return '';
}

/** Under the number that the file has by now; it may have been dropped meanwhile. */
function replace(path: string, maxFiles: number, source: bigint, by: string): void {
  for (let n = 1; n < maxFiles; n += 1) {
    const rotated = `${path}.${n}`;
    const found = fs.statSync(rotated, { bigint: true, throwIfNoEntry: false });
    if (found?.ino !== source) continue;
    fs.renameSync(by, `${rotated}.gz`);
    fs.rmSync(rotated);
    return;
  }
}
