/**
 * A tree as a tar, in chunks: names in the order of their bytes, hard links as links, sockets left
 * out. What is removed while it is walked is left out; a file that shrinks is filled up with zeros,
 * since its header is out already.
 */
import * as fs from 'node:fs';
import { codeOf } from '../system/libc.ts';
import { childNames, getXattr, listXattrs, openPinned, readLink } from '../system/pinned.ts';
import { type EntryKind, padding, type TarEntry } from '../tar/entry.ts';
import { encodeHeader, tarEnd } from '../tar/header.ts';
import { type Directory, IFDIR, IFLNK, IFREG, type RootView, typeOf } from './rootView.ts';

export interface Packing {
  /** Called now and then: throws when it is to end. */
  readonly tick: () => void;
  /** Names of files with several links, by device and inode, as they are in the tar. */
  readonly links: Map<string, string>;
  /** What was read last: whoever takes a piece copies it before the next. */
  readonly scratch: Buffer;
}

/** Bytes of a file that are read at once, and of a chunk. */
const CHUNK = 256 * 1024;
const KINDS = new Map<bigint, EntryKind>([
  [IFDIR, 'directory'],
  [IFLNK, 'symlink'],
  [IFREG, 'file'],
  [0o020000n, 'char'],
  [0o060000n, 'block'],
  [0o010000n, 'fifo'],
]);

export const newPacking = (tick: () => void): Packing => ({
  tick,
  links: new Map(),
  scratch: Buffer.allocUnsafeSlow(CHUNK),
});

/** What is kept of attributes: the user's own, and what a program may do. */
export const isKeptXattr = (name: string): boolean =>
  name.startsWith('user.') || name === 'security.capability';

export function xattrsOf(fd: number, kind: EntryKind): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  if (kind !== 'file' && kind !== 'directory') return found;
  for (const name of listXattrs(fd).filter(isKeptXattr)) {
    const value = getXattr(fd, name);
    if (value !== undefined) found.set(name, value);
  }
  return found;
}

/** Undefined: a tar has no such thing. */
export function entryOf(
  fd: number,
  stats: fs.BigIntStats,
  name: string,
  linkName: string,
): TarEntry | undefined {
  const kind = KINDS.get(typeOf(stats));
  if (kind === undefined) return undefined;
  const device = Number(stats.rdev);
  return {
    kind,
    name: kind === 'directory' && !name.endsWith('/') ? `${name}/` : name,
    linkName,
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: kind === 'file' ? Number(stats.size) : 0,
    mtime: Math.floor(Number(stats.mtimeNs / 1_000_000n) / 1000),
    xattrs: xattrsOf(fd, kind),
    device: {
      major: Math.floor(device / 256) % 4096,
      minor: (device % 256) + Math.floor(device / 2 ** 20) * 256,
    },
  };
}

/** One file, or a directory with all below it. `name` is what it is called in the tar. */
export function* packChild(
  packing: Packing,
  root: RootView,
  directory: Directory,
  child: string,
  name: string,
): Generator<Buffer> {
  let pinned: ReturnType<RootView['pin']>;
  try {
    pinned = root.pin(directory, child);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    const link = typeOf(pinned.stats) === IFLNK ? readLink(directory.fd, child) : '';
    yield* packPinned(packing, root, pinned, name, link);
  } catch (error) {
    // Swapped between the two looks: as if it had not been there.
    if (codeOf(error) !== 'EINVAL' && codeOf(error) !== 'ENOENT') throw error;
  } finally {
    fs.closeSync(pinned.fd);
  }
}

/** @param link what it says, if it is a link */
export function* packPinned(
  packing: Packing,
  root: RootView,
  { path, fd, stats }: Directory & { readonly stats: fs.BigIntStats },
  name: string,
  link: string,
): Generator<Buffer> {
  packing.tick();
  const entry = entryOf(fd, stats, name, link);
  if (entry === undefined) return;
  if (entry.kind === 'directory') {
    if (name !== '') yield encodeHeader(entry);
    yield* packContents(packing, root, { path, fd }, name);
  } else yield* packFile(packing, fd, stats, entry);
}

function* packContents(
  packing: Packing,
  root: RootView,
  directory: Directory,
  name: string,
): Generator<Buffer> {
  const above = name === '' || name.endsWith('/') ? name : `${name}/`;
  for (const child of childNames(directory.fd)) {
    yield* packChild(packing, root, directory, child, `${above}${child}`);
  }
}

/** @param fd pins it */
export function* packFile(
  packing: Packing,
  fd: number,
  stats: fs.BigIntStats,
  entry: TarEntry,
): Generator<Buffer> {
  const key = `${stats.dev}:${stats.ino}`;
  const first = packing.links.get(key);
  if (stats.nlink > 1n && first !== undefined) {
    return yield encodeHeader({ ...entry, kind: 'link', linkName: first, size: 0 });
  }
  if (stats.nlink > 1n) packing.links.set(key, entry.name);
  yield encodeHeader(entry);
  if (entry.kind === 'file') yield* contentOf(packing, fd, entry.size);
}

/** Exactly `size` bytes, and the zeros up to a whole block. */
function* contentOf({ tick, scratch }: Packing, fd: number, size: number): Generator<Buffer> {
  if (size === 0) return;
  const file = openPinned(fd);
  try {
    let left = size;
    while (left > 0) {
      tick();
      const read = fs.readSync(file, scratch, 0, Math.min(CHUNK, left), null);
      if (read === 0) break;
      yield scratch.subarray(0, read);
      left -= read;
    }
    scratch.fill(0);
    for (; left > 0; left -= Math.min(CHUNK, left))
      yield scratch.subarray(0, Math.min(CHUNK, left));
  } finally {
    fs.closeSync(file);
  }
  yield Buffer.alloc(padding(size));
}

/**
 * A whole tar, its end included, in chunks of one size. A piece is copied before the next is asked
 * for; each chunk has its memory to itself.
 */
export function* asTar(pieces: Iterable<Buffer>): Generator<Buffer> {
  let chunk = Buffer.allocUnsafeSlow(CHUNK);
  let used = 0;
  for (const piece of withEnd(pieces)) {
    for (let at = 0; at < piece.length; ) {
      const copied = piece.copy(chunk, used, at);
      at += copied;
      used += copied;
      if (used < CHUNK) continue;
      yield chunk;
      chunk = Buffer.allocUnsafeSlow(CHUNK);
      used = 0;
    }
  }
  yield chunk.subarray(0, used);
}

function* withEnd(pieces: Iterable<Buffer>): Generator<Buffer> {
  yield* pieces;
  yield tarEnd();
}

/** What is below a directory, by names relative to it; itself not. @param at pinned */
export const packDirectory = (packing: Packing, root: RootView, at: Directory): Generator<Buffer> =>
  packContents(packing, root, at, '');

/** The names of a root's files as `docker export` has them: from the root on, without a slash. */
export function* packRoot(tick: () => void, root: RootView): Generator<Buffer> {
  const { fd } = root.resolve('/', true);
  if (fd === undefined) return;
  try {
    yield* packContents(newPacking(tick), root, { path: '/', fd }, '');
  } finally {
    fs.closeSync(fd);
  }
}
