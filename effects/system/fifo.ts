/** Named pipes, which Node cannot make. */
import { lstatSync } from 'node:fs';
import { checked, codeOf, libcFunction } from './libc.ts';

const mkfifoCall = libcFunction<(path: string, mode: number) => number>(
  'int mkfifo(const char *path, unsigned int mode)',
);

/** Makes a FIFO. One that is there already is fine; anything else at the path is `EEXIST`. */
export function mkfifo(path: string, mode: number): void {
  try {
    checked(mkfifoCall(path, mode), 'mkfifo', path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !lstatSync(path).isFIFO()) throw error;
  }
}
