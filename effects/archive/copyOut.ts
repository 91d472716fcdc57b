/**
 * `docker cp` out of a container: the tar of what lies at a path, its first name being the last of
 * the path as it was asked for.
 */
import { posix } from 'node:path';
import { readLink } from '../system/pinned.ts';
import { asTar, newPacking, packPinned } from './pack.ts';
import { asAbsolute, lastName, lookUp, type PathStat, pathStat } from './pathStat.ts';
import { closePlace, IFLNK, type RootView, typeOf } from './rootView.ts';

/** @param path as bytes. @throws ArchiveError `not-found`, PathError */
export function statPath(root: RootView, path: string): PathStat {
  const absolute = asAbsolute(path);
  const place = lookUp(root, absolute);
  try {
    if (place.stats === undefined) throw new Error('a place without a stat');
    return pathStat(root, absolute, place.stats);
  } finally {
    closePlace(place);
  }
}

/** The chunks hold the place until they are read or given up. @throws as `statPath` */
export function copyOut(
  root: RootView,
  path: string,
  tick: () => void,
): { readonly stat: PathStat; readonly chunks: Iterable<Buffer> } {
  const absolute = asAbsolute(path);
  const place = lookUp(root, absolute);
  const { stats } = place;
  if (stats === undefined) throw new Error('a place without a stat');
  // Of the root the names begin with a slash, as dockerd has them.
  const name = lastName(absolute);
  const link = typeOf(stats) === IFLNK ? linkAt(root, absolute) : '';
  const pinned = { path: place.path, fd: place.fd, stats };
  function* held(): Generator<Buffer> {
    try {
      yield* packPinned(newPacking(tick), root, pinned, name, link);
    } finally {
      closePlace(place);
    }
  }
  return { stat: pathStat(root, absolute, stats), chunks: asTar(held()) };
}

function linkAt(root: RootView, absolute: string): string {
  const above = root.resolve(posix.dirname(absolute), true);
  try {
    return above.fd === undefined ? '' : readLink(above.fd, lastName(absolute));
  } finally {
    closePlace(above);
  }
}
