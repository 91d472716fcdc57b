/** Reads a text file that need not be there. */
import { readFileSync } from 'node:fs';

/** @returns undefined if there is no such file; throws what reading it throws otherwise */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
