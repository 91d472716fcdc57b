/** Disks of a few MiB at a directory, for specs that fill or break one (needs root). */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface SmallDisk {
  /** Takes all the room there is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
  /** As the kernel does after an error of the device: read-only at once, whoever has files open. */
  breakDown(): void;
  /** Nobody may use it any more. */
  unmount(): void;
}

const CHUNK = Buffer.alloc(64 * 1024);

/** Writes down to single bytes, as long as anything fits. */
function writeUntilFull(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = CHUNK.length; size >= 1; size = Math.floor(size / 2)) {
      while (fits(file, size));
    }
  } finally {
    closeSync(file);
  }
}

function fits(file: number, size: number): boolean {
  try {
    return writeSync(file, CHUNK, 0, size) === size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    return false;
  }
}

/**
 * An ext4 in a file beside `directory`, mounted on it, with blocks of a page as disks of a usual
 * size have them (with smaller ones SQLite's shared memory has holes, and a full disk is a SIGBUS).
 */
export function smallDisk(directory: string, mib: number): SmallDisk {
  const image = `${directory}.disk`;
  writeFileSync(image, '');
  truncateSync(image, mib * 1024 * 1024);
  execFileSync('mkfs.ext4', ['-q', '-b', '4096', '-m', '0', image]);
  execFileSync('mount', ['-o', 'loop', image, directory]);
  const ballast = join(directory, 'ballast');
  return {
    fill: () => writeUntilFull(ballast),
    free: () => rmSync(ballast, { force: true }),
    breakDown: () => void execFileSync('mount', ['-o', 'remount,abort', directory]),
    unmount() {
      unmounted(directory);
      rmSync(image);
    },
  };
}

/** What was told to end may hold a file for a moment. @throws after 10 s */
function unmounted(directory: string): void {
  for (let left = 40; ; left -= 1) {
    const { status, stderr } = spawnSync('umount', [directory], { encoding: 'utf8' });
    if (status === 0) return;
    if (left === 0 || !stderr.includes('busy')) throw new Error(stderr);
    spawnSync('sleep', ['0.25']);
  }
}
