/**
 * Files by a descriptor that pins them, and names below a pinned directory. A path of the form
 * `/proc/self/fd/<n>/<name>` begins at exactly the directory that is pinned, wherever it has been
 * moved and whatever its old path leads to now, and one name has no link on the way. So Node's own
 * calls are as safe as the kernel's `…at` family. For worker threads: these calls can block.
 *
 * Names are bytes as characters (effects/tar/entry.ts).
 */
import * as fs from 'node:fs';
import { constants } from 'node:fs';
import { checked, libcFunction, SystemError } from './libc.ts';

const pathOnly = 0o10000000;
const { O_NOFOLLOW, O_RDONLY, O_DIRECTORY, O_NONBLOCK, O_NOCTTY } = constants;

const mkfifoCall = libcFunction<(path: Buffer, mode: number) => number>(
  'int mkfifo(const uint8_t *path, unsigned int mode)',
);
const listxattr = libcFunction<(path: string, list: Buffer | null, size: number) => number>(
  'long listxattr(const char *path, void *list, size_t size)',
);
const getxattr = libcFunction<
  (path: string, name: Buffer, value: Buffer | null, size: number) => number
>('long getxattr(const char *path, const uint8_t *name, void *value, size_t size)');
const setxattr = libcFunction<
  (path: string, name: Buffer, value: Buffer, size: number, flags: number) => number
>(
  'int setxattr(const char *path, const uint8_t *name, const uint8_t *value, size_t size, ' +
    'int flags)',
);

/** The pinned file itself, also when it is a symbolic link. */
export const pinnedPath = (fd: number): string => `/proc/self/fd/${fd}`;

/** A name in a pinned directory. @throws SystemError `EINVAL` unless it is one name */
export function childPath(dir: number, name: string): Buffer {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new SystemError('open', invalidArgument, JSON.stringify(name));
  }
  return Buffer.concat([Buffer.from(`${pinnedPath(dir)}/`), Buffer.from(name, 'latin1')]);
}
const invalidArgument = 22;

/** Pins what lies there, whatever it is; a link is not followed, a device not opened. */
export const pinChild = (dir: number, name: string): number =>
  fs.openSync(childPath(dir, name), pathOnly | O_NOFOLLOW);

/** Pins a directory by a path of the host's that nobody but the daemon writes. */
export const pinDirectory = (path: string): number =>
  fs.openSync(path, pathOnly | O_DIRECTORY | O_NOFOLLOW);

/** Pins a file of the daemon's own. */
export const pinFile = (path: string): number => fs.openSync(path, pathOnly | O_NOFOLLOW);

/** The pinned file, to be read. Only for regular files: it would open a device. */
export const openPinned = (fd: number): number =>
  fs.openSync(pinnedPath(fd), O_RDONLY | O_NONBLOCK | O_NOCTTY);

export function withPinned<T>(fd: number, fn: (fd: number) => T): T {
  try {
    return fn(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Names in a pinned directory, in the order of their bytes. */
export const childNames = (dir: number): string[] =>
  fs
    .readdirSync(pinnedPath(dir), { encoding: 'buffer' })
    .map((name) => name.toString('latin1'))
    .sort();

/** What a link in a pinned directory says. */
export const readLink = (dir: number, name: string): string =>
  fs.readlinkSync(childPath(dir, name), { encoding: 'buffer' }).toString('latin1');

const terminated = (bytes: Buffer | string): Buffer =>
  Buffer.concat([Buffer.from(bytes as string, 'latin1'), Buffer.from([0])]);

export function makeFifo(dir: number, name: string, mode: number): void {
  const path = Buffer.concat([childPath(dir, name), Buffer.from([0])]);
  checked(mkfifoCall(path, mode), 'mkfifo', name);
}

/** Names of the extended attributes of a pinned file; none where there can be none. */
export function listXattrs(fd: number): string[] {
  const size = listxattr(pinnedPath(fd), null, 0);
  if (size <= 0) return [];
  const list = Buffer.alloc(size);
  const used = listxattr(pinnedPath(fd), list, size);
  const names = list.toString('latin1', 0, Math.max(0, used)).split('\0');
  return names.filter((name) => name !== '');
}

/** Undefined: it has none of this name. */
export function getXattr(fd: number, name: string): Buffer | undefined {
  const size = getxattr(pinnedPath(fd), terminated(name), null, 0);
  if (size < 0) return undefined;
  const value = Buffer.alloc(size + 1);
  const used = getxattr(pinnedPath(fd), terminated(name), value, size);
  return used < 0 ? undefined : value.subarray(0, used);
}

/** @throws SystemError, `ENOTSUP` where the file system has no attributes */
export function setXattr(fd: number, name: string, value: Buffer): void {
  const held = value.length === 0 ? Buffer.alloc(1) : value;
  checked(setxattr(pinnedPath(fd), terminated(name), held, value.length, 0), 'setxattr', name);
}
