/** A lock that the kernel frees when its holder dies, whichever way. */
import { closeSync, openSync } from 'node:fs';
import { checked, codeOf, libcFunction } from './libc.ts';

const flockCall = libcFunction<(fd: number, operation: number) => number>(
  'int flock(int fd, int operation)',
);
const exclusive = 2;
const nonBlocking = 4;

export type LockResult =
  | { readonly kind: 'locked'; readonly release: () => void }
  /** Another open file description, of this process or another, has it. */
  | { readonly kind: 'held' };

/**
 * Takes the exclusive lock on the file, which is made (0600) if need be and stays when the lock is
 * released: removing it would let two holders in. Does not wait.
 */
export function lock(path: string): LockResult {
  const fd = openSync(path, 'a', 0o600);
  try {
    checked(flockCall(fd, exclusive | nonBlocking), 'flock', path);
  } catch (error) {
    closeSync(fd);
    if (codeOf(error) === 'EAGAIN') return { kind: 'held' };
    throw error;
  }
  let locked = true;
  const release = (): void => {
    if (locked) closeSync(fd);
    locked = false;
  };
  return { kind: 'locked', release };
}
