/**
 * `docker cp` into a container: a tar unpacked below a directory of its root. What lies in the way
 * is replaced, directories are merged, and those that are missing are made. Each entry is looked up
 * anew in the container's root, so nothing is written where an earlier look had led.
 */
import * as fs from 'node:fs';
import { posix } from 'node:path';
import { codeOf } from '../system/libc.ts';
import { childPath } from '../system/pinned.ts';
import { type TarEntry, toText } from '../tar/entry.ts';
import { type Piece, readTar } from '../tar/reader.ts';
import { ArchiveError } from './archiveError.ts';
import { asAbsolute } from './pathStat.ts';
import { removeTree } from './removeTree.ts';
import { closePlace, IFDIR, PathError, type Place, type RootView, typeOf } from './rootView.ts';
import { linkFile, makeDirectory, type Target, writeEntry, writeFile } from './writeEntry.ts';

export interface CopyInOptions {
  /** As bytes. */
  readonly path: string;
  readonly noOverwriteDirNonDir: boolean;
  /** The container's root must not be written; what is mounted in it may be. */
  readonly rootReadOnly: boolean;
  /** Whose all of it becomes; null: as the tar says. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  /** Devices are left out; else they are an error. */
  readonly withoutDevices?: true;
}

interface Unpacking {
  readonly root: RootView;
  /** Where it all goes, links resolved. */
  readonly destination: string;
  readonly options: CopyInOptions;
  readonly tick: () => void;
  /** Directories get their time when nothing is written into them any more. */
  readonly times: Map<string, number>;
}

/** @throws ArchiveError, TarError, PathError, or the system's error */
export async function copyIn(
  root: RootView,
  options: CopyInOptions,
  tar: AsyncIterable<Uint8Array>,
  tick: () => void,
): Promise<void> {
  const destination = checkedDestination(root, options);
  const unpacking: Unpacking = { root, destination, options, tick, times: new Map() };
  for await (const { entry, content } of readTar(tar)) {
    tick();
    await unpackEntry(unpacking, entry, content);
  }
  for (const [path, mtime] of unpacking.times) setTime(root, path, mtime);
}

function checkedDestination(root: RootView, options: CopyInOptions): string {
  const absolute = asAbsolute(options.path);
  const place = root.resolve(absolute, true);
  closePlace(place);
  if (place.stats === undefined) throw new ArchiveError('not-found', absolute);
  if (typeOf(place.stats) !== IFDIR) {
    throw new ArchiveError('invalid', 'extraction point is not a directory');
  }
  if (place.mounted?.writable === false) {
    throw new ArchiveError('read-only', 'mounted volume is marked read-only');
  }
  if (place.mounted === undefined && options.rootReadOnly) {
    throw new ArchiveError('read-only', 'container rootfs is marked read-only');
  }
  return place.path;
}

async function unpackEntry(
  unpacking: Unpacking,
  entry: TarEntry,
  content: AsyncIterable<Piece>,
): Promise<void> {
  const { destination, options } = unpacking;
  const name = cleanName(entry.name);
  const path = posix.join(destination, name);
  if (name === '..' || name.startsWith('../')) throw outside(entry.name, destination);
  // The directory it all goes to stays what it is.
  if (path === destination) return;
  const isDevice = entry.kind === 'char' || entry.kind === 'block';
  if (isDevice && options.withoutDevices === true) return;
  checkLink(entry, path, destination);
  const parent = directoryAt(unpacking, posix.dirname(path));
  try {
    const target: Target = { directory: parent.fd, name: posix.basename(path), path };
    const owner = options.owner ?? { uid: entry.uid, gid: entry.gid };
    const merged = makeRoom(unpacking, entry, target);
    if (entry.kind === 'directory') {
      unpacking.times.set(path, entry.mtime);
      makeDirectory(target, entry, owner, merged);
    } else if (entry.kind === 'file') await writeFile(target, entry, owner, content);
    else if (entry.kind === 'link') linkTo(unpacking, entry, target);
    else writeEntry(target, entry, owner);
  } finally {
    fs.closeSync(parent.fd);
  }
}

/** Without `.` and `..` in between, relative; `..` at its beginning stays. */
function cleanName(name: string): string {
  const rooted = name.startsWith('/');
  const clean = posix.normalize(name === '' ? '.' : name).replace(/(.)\/+$/, '$1');
  return rooted ? clean.replace(/^\/+/, '') || '.' : clean;
}

const quoted = (bytes: string): string => JSON.stringify(toText(bytes));

const outside = (name: string, destination: string): ArchiveError =>
  new ArchiveError('invalid', `${quoted(name)} is outside of ${quoted(destination)}`);

const isBelow = (path: string, directory: string): boolean => path.startsWith(directory);

/** dockerd takes no link that would point out of where the tar goes, though nobody follows it. */
function checkLink({ kind, linkName }: TarEntry, path: string, destination: string): void {
  if (kind !== 'link' && kind !== 'symlink') return;
  const base = kind === 'link' ? destination : posix.dirname(path);
  if (isBelow(posix.join(base, linkName), destination)) return;
  const [what, from] =
    kind === 'link' ? ['hardlink', posix.join(base, linkName)] : ['symlink', path];
  throw new ArchiveError('invalid', `invalid ${what} ${quoted(from)} -> ${quoted(linkName)}`);
}

type Pinned = Place & { readonly fd: number };

/** Pins the directory, links followed within the root; those that are missing are made. */
function directoryAt({ root, tick }: Unpacking, path: string): Pinned {
  const found = root.resolve(path, true);
  if (found.fd !== undefined) return { ...found, fd: found.fd };
  // A link that leads nowhere is there, and nothing can be made below it.
  const itself = root.resolve(path, false);
  closePlace(itself);
  if (itself.stats !== undefined || path === '/') throw new PathError('ENOENT', 'open', path);
  const parent = directoryAt({ root, tick } as Unpacking, posix.dirname(path));
  try {
    makeMissing({ directory: parent.fd, name: posix.basename(path), path });
  } finally {
    fs.closeSync(parent.fd);
  }
  const made = root.resolve(path, true);
  if (made.fd === undefined) throw new PathError('ENOENT', 'open', path);
  return { ...made, fd: made.fd };
}

function makeMissing({ directory, name }: Target): void {
  try {
    fs.mkdirSync(childPath(directory, name), 0o755);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** @returns whether a directory is there that the entry is to be merged with */
function makeRoom(
  { root, destination, options, tick }: Unpacking,
  entry: TarEntry,
  target: Target,
) {
  const there = statOf(root, target);
  if (there === undefined) return false;
  const isDirectory = typeOf(there) === IFDIR;
  const becomes = entry.kind === 'directory';
  const shown = [toText(target.path), toText(destination)].map((path) => JSON.stringify(path));
  if (options.noOverwriteDirNonDir && isDirectory && !becomes) {
    const text = `cannot overwrite directory ${shown[0]} with non-directory ${shown[1]}`;
    throw new ArchiveError('invalid', text);
  }
  if (options.noOverwriteDirNonDir && !isDirectory && becomes) {
    const text = `cannot overwrite non-directory ${shown[0]} with directory ${shown[1]}`;
    throw new ArchiveError('invalid', text);
  }
  if (isDirectory && becomes) return true;
  if (root.mountAt(target.path) !== undefined) {
    throw new PathError('EBUSY', 'unlinkat', toText(target.path));
  }
  removeTree(target.directory, target.name, tick);
  return false;
}

function statOf(root: RootView, target: Target): fs.BigIntStats | undefined {
  try {
    const { fd, stats } = root.pin(
      { path: posix.dirname(target.path), fd: target.directory },
      target.name,
    );
    fs.closeSync(fd);
    return stats;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A hard link to what an earlier entry, or the container, has put there. */
function linkTo(unpacking: Unpacking, entry: TarEntry, target: Target): void {
  const path = posix.join(unpacking.destination, entry.linkName);
  const source = directoryAt(unpacking, posix.dirname(path));
  try {
    linkFile({ directory: source.fd, name: posix.basename(path), path }, target);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    const text = `link ${toText(path)} ${toText(target.path)}: no such file or directory`;
    throw new ArchiveError('invalid', text, { cause: error });
  } finally {
    fs.closeSync(source.fd);
  }
}

/** Best effort: what the container has moved meanwhile keeps its time. */
function setTime(root: RootView, path: string, mtime: number): void {
  const place = root.resolve(path, false);
  try {
    if (place.fd === undefined || place.stats === undefined) return;
    if (typeOf(place.stats) === IFDIR) fs.utimesSync(`/proc/self/fd/${place.fd}`, mtime, mtime);
  } finally {
    closePlace(place);
  }
}
