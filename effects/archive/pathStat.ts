/** What docker tells of a path before it copies: the header `X-Docker-Container-Path-Stat`. */
import type { BigIntStats } from 'node:fs';
import { posix } from 'node:path';
import { toText } from '../tar/entry.ts';
import { ArchiveError } from './archiveError.ts';
import { closePlace, IFLNK, type Place, type RootView, typeOf } from './rootView.ts';

export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** As Go's FileMode has it. */
  readonly mode: number;
  /** Nanoseconds since 1970, decimal. */
  readonly mtimeNs: string;
  /** Where a link leads within the container; else empty. */
  readonly linkTarget: string;
}

/** Bits of Go's FileMode by the file's type. */
const TYPE_BITS = new Map<bigint, number>([
  [0o040000n, 2 ** 31],
  [IFLNK, 2 ** 27],
  [0o060000n, 2 ** 26],
  [0o010000n, 2 ** 25],
  [0o140000n, 2 ** 24],
  [0o020000n, 2 ** 26 + 2 ** 21],
]);

export function goMode(mode: bigint): number {
  const special =
    ((mode & 0o4000n) !== 0n ? 2 ** 23 : 0) +
    ((mode & 0o2000n) !== 0n ? 2 ** 22 : 0) +
    ((mode & 0o1000n) !== 0n ? 2 ** 20 : 0);
  return (TYPE_BITS.get(mode & 0o170000n) ?? 0) + special + Number(mode & 0o777n);
}

/**
 * The path as it is meant: absolute, without `..`, but with its final slash or dot, which asks for
 * what a link leads to.
 */
export function asAbsolute(path: string): string {
  const clean = posix.normalize(`/${path}`).replace(/(.)\/+$/, '$1');
  if (/(^|\/)\.$/.test(path)) return clean === '/' ? '/.' : `${clean}/.`;
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean;
}

/** The last name of a path; of the root the slash. */
export function lastName(absolute: string): string {
  if (absolute === '/.') return '.';
  const plain = absolute.replace(/(.)\/+$/, '$1');
  return plain === '/' ? '/' : plain.slice(plain.lastIndexOf('/') + 1);
}

/** @throws ArchiveError `not-found`; the caller closes the place. */
export function lookUp(root: RootView, absolute: string): Place & { readonly fd: number } {
  const place = root.resolve(absolute, false);
  const { fd } = place;
  if (fd === undefined) throw new ArchiveError('not-found', absolute);
  return { ...place, fd };
}

export function pathStat(root: RootView, absolute: string, stats: BigIntStats): PathStat {
  return {
    name: toText(lastName(absolute)),
    size: Number(stats.size),
    mode: goMode(stats.mode),
    mtimeNs: String(stats.mtimeNs),
    linkTarget: typeOf(stats) === IFLNK ? toText(targetOf(root, absolute)) : '',
  };
}

/** Where the link leads, all links on the way followed; what is missing does not matter. */
function targetOf(root: RootView, absolute: string): string {
  const target = root.resolve(absolute, true);
  closePlace(target);
  return target.path;
}
