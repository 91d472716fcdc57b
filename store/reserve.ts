/**
 * A file that only takes up space. On a full disk it is given up, so that the facts of stop,
 * remove, prune and exits still find room; it is made again once there is space.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const RESERVE_BYTES = 8 * 1024 * 1024;

/** Path of the reserve that belongs to a log. */
export function reservePath(logPath: string): string {
  return join(dirname(logPath), 'reserve');
}

/** Makes directory entries durable. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function writeZeros(path: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    const zeros = Buffer.alloc(RESERVE_BYTES);
    for (let written = 0; written < RESERVE_BYTES; ) {
      written += writeSync(file, zeros, written, RESERVE_BYTES - written);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Makes the reserve if it is not there. Returns whether it is there now; false means that the disk
 * is full (or not writable), which must not keep a log from opening.
 */
export function makeReserve(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.size === RESERVE_BYTES) return true;
  const partial = `${path}.partial`;
  try {
    writeZeros(partial);
    renameSync(partial, path);
    return true;
  } catch {
    removeIfPossible(partial);
    return false;
  }
}

/** Returns whether it is gone; on a read-only disk even removing what is not there fails. */
function removeIfPossible(path: string): boolean {
  try {
    rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  }
}

/** Gives the space up. Returns whether there was any. */
export function dropReserve(path: string): boolean {
  const existed = statSync(path, { throwIfNoEntry: false }) !== undefined;
  return removeIfPossible(path) && existed;
}
