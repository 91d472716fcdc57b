/**
 * The root of a container as the container sees it: links mean what they mean inside, `..` ends at
 * the root, and where the daemon mounts a file of its own that one is seen.
 *
 * Every directory on the way is pinned by a descriptor before a name is looked up in it, no name is
 * followed by the kernel, and `..` goes back to the directory that is pinned above. So there is no
 * moment at which a container that moves directories or swaps them for links can lead out of its
 * root.
 */
import * as fs from 'node:fs';
import { posix } from 'node:path';
import { pinIn } from '../system/confined.ts';
import { codeOf } from '../system/libc.ts';
import { pinChild, pinDirectory, pinFile, readLink } from '../system/pinned.ts';

/** What is mounted in the container at a path, and lies elsewhere. */
export interface MountedFile {
  /** Absolute, without links, as bytes. */
  readonly destination: string;
  /** On the host; its last name may be a link. */
  readonly source: string;
  /** What is mounted lies at this path below the source, and no link leads out of that. */
  readonly subpath?: string;
  readonly writable: boolean;
}

export interface Place {
  /** Path from the container's root; no part of it is a link, but for the last if not followed. */
  readonly path: string;
  /** Pins it; undefined: nothing lies there. To be closed by `close`. */
  readonly fd: number | undefined;
  readonly stats: fs.BigIntStats | undefined;
  /** What is mounted there or above it; undefined: it is the root's own. */
  readonly mounted: MountedFile | undefined;
}

/** A directory that is pinned. */
export interface Directory {
  readonly path: string;
  readonly fd: number;
  readonly mounted?: MountedFile | undefined;
}

interface Pinned {
  readonly path: string;
  readonly fd: number;
  readonly stats: fs.BigIntStats;
  readonly mounted: MountedFile | undefined;
}

const LINKS_MAX = 255;
const DEPTH_MAX = 512;
const IFMT = 0o170000n;
export const typeOf = (stats: fs.BigIntStats): bigint => stats.mode & IFMT;
export const IFLNK = 0o120000n;
export const IFDIR = 0o040000n;
export const IFREG = 0o100000n;

/** A system's error without a path of the host's in it. */
export class PathError extends Error {
  readonly code: string;

  constructor(code: string, call: string, path: string) {
    super(`${call} ${path}: ${WORDS[code] ?? code}`);
    this.name = 'PathError';
    this.code = code;
  }
}
const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  EBUSY: 'device or resource busy',
};

/** A bind's source is the host's, where links mean what they mean to the daemon. */
function pinMount({ source, subpath }: MountedFile): number {
  return subpath === undefined ? pinFile(fs.realpathSync(source)) : pinIn(source, subpath);
}

const join = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;

export class RootView {
  readonly #root: string;
  readonly #mounts: ReadonlyMap<string, MountedFile>;

  constructor(root: string, mounts: readonly MountedFile[]) {
    this.#root = root;
    this.#mounts = new Map(mounts.map((mount) => [mount.destination, mount]));
  }

  mountAt(path: string): MountedFile | undefined {
    return this.#mounts.get(path);
  }

  /** Pins a name below a directory that is pinned already. @throws ENOENT and the like */
  pin(directory: Directory, name: string): Pinned {
    const path = join(directory.path, name);
    const mount = this.mountAt(path);
    const fd = mount === undefined ? pinChild(directory.fd, name) : pinMount(mount);
    try {
      const stats = fs.fstatSync(fd, { bigint: true });
      return { path, fd, stats, mounted: mount ?? directory.mounted };
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  /**
   * What lies at a path. With `follow` the last name may be a link, too.
   * @throws PathError `ENOTDIR`, `ELOOP`
   */
  resolve(path: string, follow: boolean): Place {
    const stack: Pinned[] = [this.#top()];
    try {
      const missing = this.#walk(stack, path, follow);
      const found = stack[stack.length - 1];
      if (missing === undefined && found !== undefined) {
        stack.pop();
        return { path: found.path, fd: found.fd, stats: found.stats, mounted: found.mounted };
      }
      const above = found?.path ?? '/';
      const rest = posix.normalize(posix.join(above, missing ?? ''));
      return { path: rest, fd: undefined, stats: undefined, mounted: undefined };
    } finally {
      for (const { fd } of stack) fs.closeSync(fd);
    }
  }

  #top(): Pinned {
    const fd = pinDirectory(this.#root);
    return { path: '/', fd, stats: fs.fstatSync(fd, { bigint: true }), mounted: undefined };
  }

  /** @returns what is left of the path where nothing lies any more */
  #walk(stack: Pinned[], path: string, follow: boolean): string | undefined {
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    const whole = follow || /\/\.?$/.test(path);
    for (let links = 0; names.length > 0; ) {
      const name = names.shift() ?? '';
      const here = stack[stack.length - 1];
      if (here === undefined) throw new PathError('ENOENT', 'lstat', path);
      if (typeOf(here.stats) !== IFDIR) throw new PathError('ENOTDIR', 'lstat', path);
      if (name === '..') {
        if (stack.length > 1) fs.closeSync(stack.pop()?.fd ?? -1);
        continue;
      }
      const target = this.#step(stack, here, name, whole || names.length > 0);
      if (target === undefined) continue;
      if (target === null) return [name, ...names].join('/');
      links += 1;
      if (links > LINKS_MAX) throw new PathError('ELOOP', 'lstat', path);
      if (target.startsWith('/')) unwind(stack);
      names.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'));
    }
    const last = stack[stack.length - 1];
    const wantsDirectory = /\/\.?$/.test(path) && path !== '/';
    if (wantsDirectory && last !== undefined && typeOf(last.stats) !== IFDIR) {
      throw new PathError('ENOTDIR', 'lstat', path);
    }
    return undefined;
  }

  /** One name further. @returns what the link there says; null: nothing lies there */
  #step(stack: Pinned[], here: Pinned, name: string, follow: boolean): string | null | undefined {
    if (stack.length > DEPTH_MAX) throw new PathError('ENAMETOOLONG', 'lstat', name);
    try {
      const next = this.pin(here, name);
      stack.push(next);
      if (!follow || typeOf(next.stats) !== IFLNK) return undefined;
      fs.closeSync(next.fd);
      stack.pop();
      return readLink(here.fd, name);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT') return null;
      if (code === 'ENAMETOOLONG') throw new PathError(code, 'lstat', join(here.path, name));
      throw error;
    }
  }
}

function unwind(stack: Pinned[]): void {
  while (stack.length > 1) fs.closeSync(stack.pop()?.fd ?? -1);
}

export function closePlace({ fd }: Place): void {
  if (fd !== undefined) fs.closeSync(fd);
}
