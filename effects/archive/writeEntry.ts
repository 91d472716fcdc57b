/**
 * Makes one file, link or directory in a pinned directory. What is made is pinned before owner,
 * mode and attributes are set, and must be what was made: a name swapped meanwhile is an error.
 */
import * as fs from 'node:fs';
import { constants } from 'node:fs';
import { codeOf } from '../system/libc.ts';
import {
  childPath,
  makeFifo,
  pinChild,
  pinnedPath,
  setXattr,
  withPinned,
} from '../system/pinned.ts';
import { type TarEntry, toText } from '../tar/entry.ts';
import type { Piece } from '../tar/reader.ts';
import { ArchiveError } from './archiveError.ts';
import { isKeptXattr } from './pack.ts';
import { IFDIR, IFLNK, typeOf } from './rootView.ts';

/** Where an entry goes. */
export interface Target {
  /** Pins the directory. */
  readonly directory: number;
  readonly name: string;
  /** Path in the container, for errors. */
  readonly path: string;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const IFIFO = 0o010000n;
/** Zeros of this length are not written. */
const HOLE = 64 * 1024;
const zeros = Buffer.alloc(HOLE);

/** @param merged it is there and keeps what is in it */
export function makeDirectory(
  target: Target,
  entry: TarEntry,
  owner: Owner,
  merged: boolean,
): void {
  if (!merged) fs.mkdirSync(childPath(target.directory, target.name), 0o700);
  pinAs(target, IFDIR, (fd) => setMetadata(fd, entry, owner));
}

/** A file that is not written to its end is taken away again. */
export async function writeFile(
  target: Target,
  entry: TarEntry,
  owner: Owner,
  content: AsyncIterable<Piece>,
): Promise<void> {
  const path = childPath(target.directory, target.name);
  const fd = fs.openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    for await (const { offset, bytes } of content) writeSparse(fd, bytes, offset);
    fs.ftruncateSync(fd, entry.size);
    setMetadata(fd, entry, owner);
  } catch (error) {
    dropHalf(target, fd);
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** Long runs of zeros become holes: a copy of a sparse file is one again. */
function writeSparse(fd: number, bytes: Buffer, offset: number): void {
  for (let at = 0; at < bytes.length; ) {
    // Cut at multiples of the length, so that it does not matter how the bytes arrive.
    const end = Math.min(bytes.length, at + HOLE - ((offset + at) % HOLE));
    const part = bytes.subarray(at, end);
    if (!part.equals(zeros.subarray(0, part.length))) writeAll(fd, part, offset + at);
    at = end;
  }
}

function writeAll(fd: number, bytes: Buffer, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += fs.writeSync(fd, bytes, done, bytes.length - done, offset + done);
  }
}

/** Only if the name is still that of the file that we made. */
function dropHalf({ directory, name }: Target, fd: number): void {
  try {
    const made = fs.fstatSync(fd, { bigint: true });
    const there = fs.lstatSync(childPath(directory, name), { bigint: true });
    if (made.ino === there.ino && made.dev === there.dev) {
      fs.unlinkSync(childPath(directory, name));
    }
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
}

/** A symbolic link or a FIFO. @throws ArchiveError `refused` for a device */
export function writeEntry(target: Target, entry: TarEntry, owner: Owner): void {
  const { directory, name, path } = target;
  if (entry.kind === 'symlink') {
    fs.symlinkSync(Buffer.from(entry.linkName, 'latin1'), childPath(directory, name));
    pinAs(target, IFLNK, (fd) => {
      fs.chownSync(pinnedPath(fd), owner.uid, owner.gid);
      fs.lutimesSync(childPath(directory, name), entry.mtime, entry.mtime);
    });
  } else if (entry.kind === 'fifo') {
    makeFifo(directory, name, 0o600);
    pinAs(target, IFIFO, (fd) => setMetadata(fd, entry, owner));
  } else {
    const text = `devices are not copied into a container: ${toText(path)}`;
    throw new ArchiveError('refused', text);
  }
}

export const linkFile = (source: Target, target: Target): void =>
  fs.linkSync(childPath(source.directory, source.name), childPath(target.directory, target.name));

function pinAs({ directory, name, path }: Target, type: bigint, set: (fd: number) => void): void {
  withPinned(pinChild(directory, name), (fd) => {
    if (typeOf(fs.fstatSync(fd, { bigint: true })) !== type) {
      throw new ArchiveError('failed', `${toText(path)} was replaced while it was made`);
    }
    set(fd);
  });
}

/** Owner first: a change of it takes setuid and capabilities away. */
function setMetadata(fd: number, entry: TarEntry, owner: Owner): void {
  const path = pinnedPath(fd);
  fs.chownSync(path, owner.uid, owner.gid);
  for (const [name, value] of entry.xattrs) {
    if (isKeptXattr(name)) setIfPossible(fd, name, value);
  }
  fs.chmodSync(path, entry.mode);
  fs.utimesSync(path, entry.mtime, entry.mtime);
}

/** As dockerd: a file system without attributes takes the file nevertheless. */
function setIfPossible(fd: number, name: string, value: Buffer): void {
  try {
    setXattr(fd, name, value);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'EPERM') throw error;
  }
}
