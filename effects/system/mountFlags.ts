/**
 * Mount options as words, as containerd gives them and fstab writes them, to the numbers that
 * mount(2) takes; what the kernel's own layer does not know goes to the file system as data.
 */

const flagWords: Readonly<Record<string, readonly ['set' | 'clear', number]>> = {
  ro: ['set', 1],
  rw: ['clear', 1],
  nosuid: ['set', 2],
  suid: ['clear', 2],
  nodev: ['set', 4],
  dev: ['clear', 4],
  noexec: ['set', 8],
  exec: ['clear', 8],
  sync: ['set', 16],
  async: ['clear', 16],
  remount: ['set', 32],
  mand: ['set', 64],
  nomand: ['clear', 64],
  dirsync: ['set', 128],
  nosymfollow: ['set', 256],
  noatime: ['set', 1024],
  atime: ['clear', 1024],
  nodiratime: ['set', 2048],
  diratime: ['clear', 2048],
  bind: ['set', 4096],
  rbind: ['set', 4096 | 16384],
  relatime: ['set', 1 << 21],
  norelatime: ['clear', 1 << 21],
  strictatime: ['set', 1 << 24],
  nostrictatime: ['clear', 1 << 24],
  defaults: ['set', 0],
};

const recursive = 16384;
const propagationWords: Readonly<Record<string, number>> = {
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  runbindable: (1 << 17) | recursive,
  rprivate: (1 << 18) | recursive,
  rslave: (1 << 19) | recursive,
  rshared: (1 << 20) | recursive,
};

export const bindFlag = 4096;
export const remountFlag = 32;
export const recursiveFlag = recursive;
/** The flags that a bind mount takes only when it is mounted a second time. */
export const bindAttributes = 1 | 2 | 4 | 8 | 256 | 1024 | 2048 | (1 << 21) | (1 << 24);

export interface MountFlags {
  readonly flags: number;
  /**
   * 0 or one MS_ propagation type, with MS_REC where the word began with r; set by its own call.
   */
  readonly propagation: number;
  /** Comma list for the file system. */
  readonly data: string;
}

/** Later words win over earlier ones. */
export function mountFlags(options: readonly string[]): MountFlags {
  let flags = 0;
  let propagation = 0;
  const data: string[] = [];
  for (const word of options) {
    const flag = Object.hasOwn(flagWords, word) ? flagWords[word] : undefined;
    const spread = Object.hasOwn(propagationWords, word) ? propagationWords[word] : undefined;
    if (flag !== undefined) flags = flag[0] === 'set' ? flags | flag[1] : flags & ~flag[1];
    else if (spread !== undefined) propagation = spread;
    else if (word !== '') data.push(word);
  }
  return { flags, propagation, data: data.join(',') };
}
