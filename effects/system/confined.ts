/**
 * Files of a container's root, reached so that no path and no symbolic link leads out of it: an
 * absolute link and `..` mean what they would mean inside. The kernel does it (openat2 with
 * RESOLVE_IN_ROOT), so a container that changes links meanwhile gains nothing.
 */
import * as fs from 'node:fs';
import { constants } from 'node:fs';
import { checked, codeOf, libcFunction, SystemError } from './libc.ts';

type Openat2 = (number: number, dir: number, path: string, how: Buffer, size: number) => number;
// The word-sized slots are the same whether or not the function is variadic, on x86-64 and arm64.
const syscall = libcFunction<Openat2>(
  'long syscall(long number, long dir, const char *path, void *how, size_t size)',
);
const mkdirat = libcFunction<(dir: number, path: string, mode: number) => number>(
  'int mkdirat(int dir, const char *path, unsigned int mode)',
);
const openat2Number = 437;
/** struct open_how: flags, mode, resolve, 64 bits each. */
const openHowBytes = 24;
const resolveInRoot = 0x10;
const resolveNoMagicLinks = 0x02;
const pathOnly = 0o10000000;
const closeOnExec = 0o2000000;
/** The kernel gives up with EAGAIN when names change while it looks; then it is asked again. */
const attempts = 64;

function openIn(root: number, path: string, flags: number, mode = 0): number {
  const how = new BigUint64Array([
    BigInt(flags | closeOnExec),
    BigInt(mode),
    BigInt(resolveInRoot | resolveNoMagicLinks),
  ]);
  const bytes = Buffer.from(how.buffer);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const fd = syscall(openat2Number, root, path === '' ? '.' : path, bytes, openHowBytes);
      return checked(fd, 'openat2', path);
    } catch (error) {
      const again = codeOf(error) === 'EAGAIN' || codeOf(error) === 'EINTR';
      if (!again || attempt === attempts) throw error;
    }
  }
}

function using<T>(fd: number, fn: (fd: number) => T): T {
  try {
    return fn(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function withRoot<T>(root: string, fn: (fd: number) => T): T {
  return using(fs.openSync(root, pathOnly | constants.O_DIRECTORY), fn);
}

function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}

/**
 * Content of a regular file; undefined if there is none at the path. Throws `EFBIG` beyond
 * `maxBytes`: what the container can write must not fill the daemon's memory.
 */
export function readFileIn(root: string, path: string, maxBytes: number): Buffer | undefined {
  let fd: number;
  try {
    // Not blocking: the path may be a FIFO that nobody writes.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    fd = withRoot(root, (rootFd) => openIn(rootFd, path, flags));
  } catch (error) {
    if (isAbsent(error) || codeOf(error) === 'ENXIO') return undefined;
    throw error;
  }
  return using(fd, () => {
    if (!fs.fstatSync(fd).isFile()) return undefined;
    return readAtMost(fd, path, maxBytes);
  });
}

function readAtMost(fd: number, path: string, maxBytes: number): Buffer {
  const pieces: Buffer[] = [];
  for (let total = 0; ; ) {
    const piece = Buffer.allocUnsafe(Math.min(64 * 1024, maxBytes + 1 - total));
    const read = fs.readSync(fd, piece, 0, piece.length, null);
    if (read === 0) return Buffer.concat(pieces);
    total += read;
    if (total > maxBytes) throw new SystemError('read', fileTooBig, path);
    pieces.push(piece.subarray(0, read));
  }
}
const fileTooBig = 27;

export interface Ownership {
  /** Permission bits, whatever the umask. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Makes the directory and those above it that are missing; those that are there stay as they are.
 */
export function makeDirectoriesIn(root: string, path: string, ownership: Ownership): void {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  withRoot(root, (rootFd) => {
    for (let depth = 1; depth <= names.length; depth += 1) {
      const parent = names.slice(0, depth - 1).join('/');
      makeDirectory(rootFd, parent, names[depth - 1] ?? '.', ownership);
    }
  });
}

function makeDirectory(root: number, parent: string, name: string, ownership: Ownership): void {
  const path = `${parent}/${name}`;
  const open = (): number => openIn(root, path, pathOnly | constants.O_DIRECTORY);
  try {
    fs.closeSync(open());
    return;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  using(openIn(root, parent, pathOnly | constants.O_DIRECTORY), (parentFd) => {
    checked(mkdirat(parentFd, name, ownership.mode), 'mkdirat', path);
    using(openIn(parentFd, name, constants.O_RDONLY | constants.O_DIRECTORY), (fd) => {
      fs.fchownSync(fd, ownership.uid, ownership.gid);
      fs.fchmodSync(fd, ownership.mode);
    });
  });
}

/**
 * Writes the file, made if need be, with exactly these permission bits. Its directory must be
 * there.
 */
export function writeFileIn(root: string, path: string, data: Buffer | string, mode: number): void {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK, O_NOCTTY } = constants;
  const flags = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY;
  const fd = withRoot(root, (rootFd) => openIn(rootFd, path, flags, mode));
  using(fd, () => {
    if (!fs.fstatSync(fd).isFile()) throw new SystemError('write', invalidArgument, path);
    fs.writeFileSync(fd, data);
    fs.fchmodSync(fd, mode);
  });
}
const invalidArgument = 22;

/** Pins what lies at the path, whatever it is. To be closed. @throws SystemError */
export const pinIn = (root: string, path: string): number =>
  withRoot(root, (rootFd) => openIn(rootFd, path, pathOnly));

/** What lies at the path, links followed within the root; undefined if nothing does. */
export function statIn(root: string, path: string): fs.Stats | undefined {
  try {
    return using(
      withRoot(root, (rootFd) => openIn(rootFd, path, pathOnly)),
      (fd) => fs.fstatSync(fd),
    );
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
