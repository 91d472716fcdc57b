/**
 * The layer between image and container: mount points that the daemon's bind mounts need, empty, so
 * that they do not show as changes of the container.
 *
 * The root is mounted for this moment only and nobody else is in it, so links can not change while
 * we look: each part of a path is made a real directory before the next is touched, and no link of
 * the image is ever followed.
 */
import { lstat, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../system/libc.ts';

const DIRECTORIES = ['/dev/pts', '/dev/shm', '/proc', '/sys'] as const;
const FILES = [
  '/.dockerenv',
  '/etc/resolv.conf',
  '/etc/hosts',
  '/etc/hostname',
  '/dev/console',
] as const;
const LINKS = [['/etc/mtab', '/proc/mounts']] as const;

/** Run again it leaves the same tree. @param root where the layer is mounted */
export async function writeInitLayer(root: string): Promise<void> {
  for (const path of DIRECTORIES) await makeDirectory(root, path);
  for (const path of FILES) {
    await makePlace(root, path);
    await writeFile(join(root, path), '', { flag: 'wx', mode: 0o755 });
  }
  for (const [path, target] of LINKS) {
    await makePlace(root, path);
    await symlink(target, join(root, path));
  }
}

/** Frees the path of whatever lies there, below real directories. */
async function makePlace(root: string, path: string): Promise<void> {
  await makeDirectory(root, dirname(path));
  await rm(join(root, path), { recursive: true, force: true });
}

async function makeDirectory(root: string, path: string): Promise<void> {
  const names = path.split('/').filter((name) => name !== '');
  for (let depth = 1; depth <= names.length; depth += 1) {
    const here = join(root, ...names.slice(0, depth));
    if (await isDirectory(here)) continue;
    await rm(here, { force: true });
    await mkdir(here, { mode: 0o755 });
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
