/**
 * A part of a volume, by a path that its containers may change at any time: the kernel looks it up
 * within the volume and pins what it finds, and that very thing is bound to a place that nobody
 * else can write. The runtime is given the place.
 */
import { closeSync, fstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { MountsPort, SystemPort } from '../container/systemPort.ts';
import { EffectFailure } from '../failure.ts';
import { pinIn } from '../system/confined.ts';
import { codeOf } from '../system/libc.ts';
import { pinnedPath } from '../system/pinned.ts';

export interface Subpaths {
  /** @returns the place. @throws EffectFailure if nothing lies there */
  pin(root: string, subpath: string, place: string): Promise<string>;
  /** Fine if there is nothing. */
  unpin(place: string): Promise<void>;
}

export function makeSubpaths(system: Pick<SystemPort, 'files' | 'mounts'>): Subpaths {
  const { files, mounts } = system;
  return {
    async pin(root, subpath, place) {
      if (mounts.isMounted(place)) return place;
      const fd = pinned(root, subpath);
      try {
        await files.makeDirectories(dirname(place), 0o700);
        if (fstatSync(fd).isDirectory()) await files.makeDirectories(place, 0o700);
        else await files.writeText(place, '', { mode: 0o600 });
        await mounts.mount({
          type: '',
          source: pinnedPath(fd),
          target: place,
          options: ['rbind', 'rprivate'],
        });
      } finally {
        closeSync(fd);
      }
      return place;
    },
    async unpin(place) {
      while (mounts.isMounted(place)) await unmounted(mounts, place);
      await files.remove(place);
      if (await files.isDirectory(dirname(place))) await removeIfEmpty(files, dirname(place));
    },
  };
}

async function unmounted(mounts: MountsPort, place: string): Promise<void> {
  try {
    await mounts.unmount(place, { detach: false });
  } catch (error) {
    if (codeOf(error) !== 'EBUSY') throw error;
    await mounts.unmount(place, { detach: true });
  }
}

async function removeIfEmpty(files: SystemPort['files'], directory: string): Promise<void> {
  try {
    await files.removeDirectory(directory);
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY') throw error;
  }
}

function pinned(root: string, subpath: string): number {
  try {
    return pinIn(root, subpath);
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'no such file or directory' : String(error);
    throw new EffectFailure('failed', `volume subpath ${JSON.stringify(subpath)}: ${why}`, {
      cause: error,
    });
  }
}
