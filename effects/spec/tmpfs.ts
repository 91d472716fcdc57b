/** Options of a tmpfs: the daemon's own, then the user's, of a contradicting pair the last. */

export class InvalidTmpfs extends Error {}

const BASE = ['noexec', 'nosuid', 'nodev', 'rprivate'];
const PROPAGATION = 'private rprivate shared rshared slave rslave unbindable runbindable';

/** Words that stand for or against one thing. */
const GROUPS: readonly (readonly string[])[] = [
  ['ro', 'rw'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['exec', 'noexec'],
  ['sync', 'async'],
  ['dirsync'],
  ['mand', 'nomand'],
  ['atime', 'noatime', 'relatime', 'norelatime', 'strictatime', 'nostrictatime'],
  ['diratime', 'nodiratime'],
  ['remount'],
  ['bind', 'rbind'],
  ['defaults'],
  PROPAGATION.split(' '),
];
const KEYS = ['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'];

/** @throws InvalidTmpfs with docker's text */
export function tmpfsOptions(given: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const kept: string[] = [];
  for (const option of [...BASE, ...given].reverse()) {
    const key = keyOf(option);
    if (seen.has(key)) continue;
    seen.add(key);
    kept.push(option);
  }
  return kept.reverse();
}

function keyOf(option: string): string {
  const group = GROUPS.find((words) => words.includes(option));
  if (group !== undefined) return group[0] ?? option;
  const at = option.indexOf('=');
  const parts = at < 0 ? [option] : [option.slice(0, at), option.slice(at + 1)];
  const [key = ''] = parts;
  if (parts.length === 2 && KEYS.includes(key)) return key;
  const shown = parts.map((part) => JSON.stringify(part)).join(' ');
  throw new InvalidTmpfs(`invalid tmpfs option [${shown}]`);
}
