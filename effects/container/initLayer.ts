/**
 * The layer between image and container: mount points that the daemon's bind mounts need, empty, so
 * that they do not show as changes of the container.
 *
 * The root is mounted for this moment only and nobody else is in it, so links can not change while
 * we look: each part of a path is made a real directory before the next is touched, and no link of
 * the image is ever followed.
 */
import { dirname, join } from 'node:path';
import type { FilesPort } from './systemPort.ts';

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
export async function writeInitLayer(files: FilesPort, root: string): Promise<void> {
  for (const path of DIRECTORIES) await makeDirectory(files, root, path);
  for (const path of FILES) {
    await makePlace(files, root, path);
    await files.writeText(join(root, path), '', { mode: 0o755, fresh: true });
  }
  for (const [path, target] of LINKS) {
    await makePlace(files, root, path);
    await files.makeLink(join(root, path), target);
  }
}

/** Frees the path of whatever lies there, below real directories. */
async function makePlace(files: FilesPort, root: string, path: string): Promise<void> {
  await makeDirectory(files, root, dirname(path));
  await files.remove(join(root, path));
}

async function makeDirectory(files: FilesPort, root: string, path: string): Promise<void> {
  const names = path.split('/').filter((name) => name !== '');
  for (let depth = 1; depth <= names.length; depth += 1) {
    const here = join(root, ...names.slice(0, depth));
    if (await files.isDirectory(here)) continue;
    await files.remove(here);
    await files.makeDirectories(here, 0o755);
  }
}
