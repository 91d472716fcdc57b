/**
 * Copies what lies at a path of a container's root into an empty directory: a volume. Owner, mode,
 * attributes and hard links are kept; links are links, wherever they lead; nothing outside of the
 * two directories is read or written, whatever the image has put there.
 */
import * as fs from 'node:fs';
import { codeOf } from '../system/libc.ts';
import { childNames, getXattr, listXattrs, pinnedPath, setXattr } from '../system/pinned.ts';
import { ArchiveError } from './archiveError.ts';
import { copyIn } from './copyIn.ts';
import { asTar, isKeptXattr, newPacking, packDirectory } from './pack.ts';
import { closePlace, IFDIR, RootView, typeOf } from './rootView.ts';

export interface Fill {
  /** Where the container's root is mounted. */
  readonly root: string;
  readonly path: string;
  /** The volume's directory on the host. */
  readonly target: string;
  /** A file that is there as long as the copy is not whole. */
  readonly mark: string;
  /** A file of the image at the path is an error, else there is nothing to copy. */
  readonly mustBeDirectory: boolean;
}

/** @throws ArchiveError `invalid` */
export async function fill(given: Fill, tick: () => void): Promise<void> {
  const { root, path, target, mark } = given;
  const begun = fs.existsSync(mark);
  const volume = new RootView(target, []);
  const to = volume.resolve('/', true);
  const view = new RootView(root, []);
  const from = sourceAt(view, path);
  try {
    if (from?.fd === undefined || from.stats === undefined || to.fd === undefined) return;
    if (typeOf(from.stats) !== IFDIR) {
      if (!given.mustBeDirectory) return;
      const text = `cannot mount volume over existing file, file exists ${path}`;
      throw new ArchiveError('invalid', text);
    }
    if (!begun && childNames(to.fd).length > 0) return;
    fs.writeFileSync(mark, '');
    const source = { path: from.path, fd: from.fd };
    const tar = asTar(packDirectory(newPacking(tick), view, source));
    const all = { path: '/', noOverwriteDirNonDir: false, rootReadOnly: false, owner: null };
    await copyIn(volume, { ...all, withoutDevices: true }, chunksOf(tar), tick);
    takeMetadata(from.fd, from.stats, to.fd);
    fs.rmSync(mark, { force: true });
  } finally {
    if (from !== undefined) closePlace(from);
    closePlace(to);
  }
}

/** Links are followed within the root; a path through a file leads nowhere. */
function sourceAt(view: RootView, path: string) {
  try {
    return view.resolve(path, true);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOTDIR' || code === 'ELOOP') return undefined;
    throw error;
  }
}

async function* chunksOf(tar: Iterable<Buffer>): AsyncGenerator<Uint8Array> {
  yield* tar;
}

function takeMetadata(from: number, stats: fs.BigIntStats, to: number): void {
  const path = pinnedPath(to);
  fs.chownSync(path, Number(stats.uid), Number(stats.gid));
  for (const name of listXattrs(from).filter(isKeptXattr)) {
    const value = getXattr(from, name);
    if (value !== undefined) setIfPossible(to, name, value);
  }
  fs.chmodSync(path, Number(stats.mode & 0o7777n));
}

function setIfPossible(fd: number, name: string, value: Buffer): void {
  try {
    setXattr(fd, name, value);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'EPERM') throw error;
  }
}
