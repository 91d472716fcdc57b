/** Device nodes of the host: what they are, and all of them below a directory. */
import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

export interface DeviceNode {
  readonly path: string;
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Places in /dev that a container has of its own, and what is no device but looks like one. */
const SKIPPED_DIRECTORIES = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev']);
const SKIPPED_NODES = new Set(['console']);

/** Follows links. Undefined: no device. @throws what stat says, e.g. ENOENT */
export function deviceNode(path: string): DeviceNode | undefined {
  return nodeOf(path, statSync(path));
}

/** Undefined: the path is no directory. Links below are not followed. */
export function devicesBelow(path: string): readonly DeviceNode[] | undefined {
  if (!statSync(path).isDirectory()) return undefined;
  const found: DeviceNode[] = [];
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const here = join(path, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED_DIRECTORIES.has(entry.name)) found.push(...(devicesBelow(here) ?? []));
    } else if (!SKIPPED_NODES.has(entry.name)) {
      const node = nodeOf(here, lstatSync(here));
      if (node !== undefined) found.push(node);
    }
  }
  return found;
}

function nodeOf(path: string, { rdev, mode, uid, gid, ...stat }: Stats): DeviceNode | undefined {
  const kind = mode & 0o170000;
  const type = kind === 0o020000 ? 'c' : kind === 0o060000 ? 'b' : undefined;
  if (type === undefined || stat.nlink === 0) return undefined;
  return { path, type, ...numbersOf(BigInt(rdev)), mode: mode & 0o7777, uid, gid };
}

/** The kernel's packing of both numbers into one of 64 bits. */
function numbersOf(rdev: bigint): { readonly major: number; readonly minor: number } {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}
