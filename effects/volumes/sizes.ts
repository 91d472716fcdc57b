/** Bytes on the disk of each volume, a file with several names once. Within a bounded time. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { monotonicMs } from '../system/clock.ts';
import { volumePaths } from './paths.ts';

/** For all that are asked for at a time. */
const BUDGET_MS = 10_000;

/** @returns those that could be measured in time, by name */
export function makeDiskSizes(
  dataRoot: string,
): (names: readonly string[]) => Promise<ReadonlyMap<string, number>> {
  return async (names) => {
    const end = monotonicMs() + BUDGET_MS;
    const sizes = new Map<string, number>();
    for (const name of names) {
      const size = await sizeOf(volumePaths(dataRoot, name).data, end);
      if (size !== undefined) sizes.set(name, size);
    }
    return sizes;
  };
}

async function sizeOf(root: string, end: number): Promise<number | undefined> {
  const seen = new Set<string>();
  const left = [root];
  let bytes = 0;
  try {
    for (let directory = left.pop(); directory !== undefined; directory = left.pop()) {
      for (const entry of await readdir(directory, { withFileTypes: true })) {
        if (monotonicMs() > end) return undefined;
        const path = join(directory, entry.name);
        if (entry.isDirectory()) left.push(path);
        if (!entry.isFile()) continue;
        const { dev, ino, nlink, size } = await lstat(path);
        const key = `${dev}:${ino}`;
        if (nlink > 1 && seen.has(key)) continue;
        seen.add(key);
        bytes += size;
      }
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
  return bytes;
}
