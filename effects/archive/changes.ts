/**
 * What a container has changed in its root: as a list (`docker diff`) and as the layer that a
 * commit makes of it. Two ways to know, by snapshotter: what overlayfs has written down above the
 * image, or a comparison of two whole trees.
 */
import * as fs from 'node:fs';
import { codeOf } from '../system/libc.ts';
import { childNames, getXattr, pinChild, pinDirectory, readLink } from '../system/pinned.ts';
import { IFDIR, IFLNK, typeOf } from './rootView.ts';

/** 0 changed, 1 added, 2 removed: docker's numbers. */
export type ChangeKind = 0 | 1 | 2;

export interface Change {
  /** Absolute, as bytes. */
  readonly path: string;
  readonly kind: ChangeKind;
}

/** Directories on the host that hold the container's files and those of its image. */
export type LayerFiles =
  /** `lower`: topmost first. */
  | { readonly kind: 'overlay'; readonly upper: string; readonly lower: readonly string[] }
  | { readonly kind: 'trees'; readonly upper: string; readonly lower: string };

/** A file that is not as in the image, while it is pinned. */
export type Found =
  | { readonly kind: 'removed'; readonly path: string }
  | {
      readonly kind: 'there';
      readonly path: string;
      readonly fd: number;
      readonly stats: fs.BigIntStats;
      /** What it says, of a link. */
      readonly link: string;
      readonly added: boolean;
      /** A directory that is listed only for what has changed below it. */
      readonly onlyBelow: boolean;
      /** A directory of which nothing shows what is below it in the image. */
      readonly opaque: boolean;
    };

export interface Comparing {
  readonly tick: () => void;
}

/** All differences in the order of their names, parents before children. */
export function* findChanges(files: LayerFiles, comparing: Comparing): Generator<Found> {
  const upper = pinDirectory(files.upper);
  const lower: number[] = [];
  try {
    for (const path of files.kind === 'overlay' ? files.lower : [files.lower]) {
      lower.push(pinDirectory(path));
    }
    const walk = files.kind === 'overlay' ? overlayBelow : treesBelow;
    yield* walk(comparing, { path: '', upper, lower });
  } finally {
    for (const fd of [upper, ...lower]) fs.closeSync(fd);
  }
}

/** As docker lists them: a directory above a change is changed itself. */
export function listChanges(files: LayerFiles, comparing: Comparing): readonly Change[] {
  const changes: Change[] = [];
  const listed = new Set<string>();
  const add = (path: string, kind: ChangeKind): void => {
    listed.add(path);
    changes.push({ path, kind });
  };
  for (const found of findChanges(files, comparing)) {
    if (found.kind === 'there' && found.onlyBelow) continue;
    for (let end = found.path.indexOf('/', 1); end > 0; end = found.path.indexOf('/', end + 1)) {
      const above = found.path.slice(0, end);
      if (!listed.has(above)) add(above, 0);
    }
    if (found.kind === 'removed') add(found.path, 2);
    else add(found.path, found.added ? 1 : 0);
  }
  return changes.sort((left, right) => (left.path < right.path ? -1 : 1));
}

interface Pair {
  /** Of both; empty for the root. */
  readonly path: string;
  readonly upper: number;
  /** Directories that show through, topmost first. */
  readonly lower: readonly number[];
}

interface Seen {
  readonly fd: number;
  readonly stats: fs.BigIntStats;
  readonly link: string;
}

function see(directory: number, name: string): Seen | undefined {
  try {
    const fd = pinChild(directory, name);
    try {
      const stats = fs.fstatSync(fd, { bigint: true });
      const link = typeOf(stats) === IFLNK ? readLink(directory, name) : '';
      return { fd, stats, link };
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  } catch (error) {
    // Gone, or something else by now.
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'EINVAL') return undefined;
    throw error;
  }
}

const isDirectory = ({ stats }: Seen): boolean => typeOf(stats) === IFDIR;
/** What overlayfs leaves where a file of the image was removed: a device without a number. */
const isWhiteout = ({ stats }: Seen): boolean => typeOf(stats) === 0o020000n && stats.rdev === 0n;
const isOpaque = (fd: number): boolean =>
  getXattr(fd, 'trusted.overlay.opaque')?.toString() === 'y';

function sameOwner({ stats: left }: Seen, { stats: right }: Seen): boolean {
  return left.mode === right.mode && left.uid === right.uid && left.gid === right.gid;
}

const sameTime = ({ stats: left }: Seen, { stats: right }: Seen): boolean =>
  left.mtimeNs === right.mtimeNs;

function* overlayBelow(comparing: Comparing, pair: Pair): Generator<Found> {
  comparing.tick();
  for (const name of childNames(pair.upper)) {
    const seen = see(pair.upper, name);
    if (seen === undefined) continue;
    const below = lowerOf(pair, name);
    try {
      yield* overlayOne(comparing, `${pair.path}/${name}`, seen, below);
    } finally {
      for (const { fd } of [seen, ...below]) fs.closeSync(fd);
    }
  }
}

function* overlayOne(
  comparing: Comparing,
  path: string,
  seen: Seen,
  below: readonly Seen[],
): Generator<Found> {
  const [under] = below;
  if (isWhiteout(seen)) {
    if (under !== undefined) yield { kind: 'removed', path };
    return;
  }
  refuseRedirects(seen, path);
  const directory = isDirectory(seen);
  const opaque = directory && isOpaque(seen.fd);
  const shines = directory && !opaque ? below.filter(isDirectory) : [];
  const merged = under !== undefined && isDirectory(under) && directory;
  const onlyBelow = merged && !opaque && sameOwner(seen, under) && sameTime(seen, under);
  yield { kind: 'there', path, ...seen, added: under === undefined, onlyBelow, opaque };
  if (!directory) return;
  const lower = shines.map(({ fd }) => fd);
  yield* overlayBelow(comparing, { path, upper: seen.fd, lower });
}

/** A kernel that is set up so writes down moves and half files that are not understood here. */
function refuseRedirects({ fd, stats }: Seen, path: string): void {
  if (typeOf(stats) === IFLNK) return;
  for (const name of ['trusted.overlay.redirect', 'trusted.overlay.metacopy']) {
    if (getXattr(fd, name) === undefined) continue;
    throw new Error(`${path} has ${name}: overlayfs with redirects is not supported`);
  }
}

/**
 * What lies at the name in the image: the topmost layer's, and if that is a directory those that it
 * is merged with. To be closed by the caller.
 */
function lowerOf({ lower }: Pair, name: string): Seen[] {
  const found: Seen[] = [];
  for (const layer of lower) {
    const seen = see(layer, name);
    if (seen === undefined) continue;
    const hides = isWhiteout(seen) || (found.length > 0 && !isDirectory(seen));
    if (hides) {
      fs.closeSync(seen.fd);
      break;
    }
    found.push(seen);
    if (!isDirectory(seen) || isOpaque(seen.fd)) break;
  }
  return found;
}

function* treesBelow(comparing: Comparing, { path, upper, lower }: Pair): Generator<Found> {
  comparing.tick();
  const [under] = lower;
  const before = under === undefined ? [] : childNames(under);
  for (const name of [...new Set([...childNames(upper), ...before])].sort()) {
    const now = see(upper, name);
    const was = under === undefined ? undefined : see(under, name);
    try {
      yield* treesOne(comparing, `${path}/${name}`, now, was);
    } finally {
      for (const seen of [now, was]) if (seen !== undefined) fs.closeSync(seen.fd);
    }
  }
}

function* treesOne(
  comparing: Comparing,
  path: string,
  now: Seen | undefined,
  was: Seen | undefined,
): Generator<Found> {
  if (now === undefined) {
    if (was !== undefined) yield { kind: 'removed', path };
    return;
  }
  const both = was !== undefined && isDirectory(now) && isDirectory(was);
  const same = was !== undefined && sameFile(now, was);
  if (same && !both) return;
  yield {
    kind: 'there',
    path,
    ...now,
    added: was === undefined,
    onlyBelow: same,
    opaque: was !== undefined && isDirectory(now) && !both,
  };
  if (!isDirectory(now)) return;
  yield* treesBelow(comparing, { path, upper: now.fd, lower: both ? [was.fd] : [] });
}

/**
 * By what a write can not leave as it was; the content is not read. A copy of a tree keeps the
 * times of its files, but not always those of its directories.
 */
function sameFile(left: Seen, right: Seen): boolean {
  if (!sameOwner(left, right) || left.link !== right.link) return false;
  if (isDirectory(left)) return true;
  return left.stats.size === right.stats.size && sameDevice(left, right) && sameTime(left, right);
}

const sameDevice = (left: Seen, right: Seen): boolean => left.stats.rdev === right.stats.rdev;
