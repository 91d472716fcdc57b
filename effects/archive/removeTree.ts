/** Removes what lies under a name of a pinned directory, and all below it; no link is followed. */
import * as fs from 'node:fs';
import { codeOf } from '../system/libc.ts';
import { childNames, childPath, pinChild } from '../system/pinned.ts';
import { IFDIR, typeOf } from './rootView.ts';

export function removeTree(directory: number, name: string, tick: () => void): void {
  tick();
  let fd: number;
  try {
    fd = pinChild(directory, name);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  let below: boolean;
  try {
    below = typeOf(fs.fstatSync(fd, { bigint: true })) === IFDIR;
    if (below) for (const child of childNames(fd)) removeTree(fd, child, tick);
  } finally {
    fs.closeSync(fd);
  }
  if (below) fs.rmdirSync(childPath(directory, name));
  else fs.unlinkSync(childPath(directory, name));
}
