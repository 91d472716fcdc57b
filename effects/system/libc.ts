/**
 * The door to the C library: declares functions and turns errno into errors. Calls run on the
 * calling thread, so only what cannot block may be called on the main one.
 */
import { constants } from 'node:os';
import koffi from 'koffi';

const library = koffi.load(null);
/** Some numbers have two names; Node's own errors carry the one that is listed first. */
const names = new Map(
  Object.entries(constants.errno)
    .reverse()
    .map(([name, value]) => [value, name]),
);

/** A system call that failed. `code` is errno's name, as in Node's own errors. */
export class SystemError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;

  constructor(syscall: string, errno: number, subject: string) {
    const code = names.get(errno) ?? `errno ${errno}`;
    super(`${syscall} ${subject}: ${code}`);
    this.name = 'SystemError';
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
  }
}

/**
 * A function of the C library, by its C prototype. The type parameter has to say the same as the
 * prototype; numbers wider than 53 bits may be passed as bigint.
 */
export function libcFunction<F extends (...args: never[]) => number>(prototype: string): F {
  return library.func(prototype) as (...args: never[]) => number as F;
}

/** Throws `SystemError` if the result is negative; else gives it back. */
export function checked(result: number, syscall: string, subject: string): number {
  if (result < 0) throw new SystemError(syscall, koffi.errno(), subject);
  return result;
}

/** The error's code name (`ENOENT`), whether it is Node's or ours. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
