/**
 * What is to be the same before and after, a line each: links, addresses and routes of the host,
 * network namespaces, rules, settings of the kernel, files of the daemon's roots. Alone it is all
 * that the host has of these; where daemons of other specs are at work beside, what is ours.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface Whose {
  /** What names of the daemon's begin with. */
  readonly prefix: string;
  readonly execRoot: string;
  readonly dataRoot: string;
  /** Nobody else is at work: all of the host is compared. */
  readonly alone: boolean;
}

export async function hostState(whose: Whose): Promise<readonly string[]> {
  const { prefix, execRoot, dataRoot, alone } = whose;
  const told = async (what: string, ...words: readonly string[]): Promise<readonly string[]> => {
    const [program = '', ...args] = words;
    const { stdout } = await execute(program, args, { maxBuffer: 1 << 26 });
    return stdout
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => `${what}: ${line.trim()}`);
  };
  const all = [
    ...readdirSync('/sys/class/net').map((name) => `link: ${name}`),
    ...(await told('address', 'ip', '-br', 'addr')),
    ...(await told('route', 'ip', 'route', 'show', 'table', 'all')),
    ...(await told('route', 'ip', '-6', 'route', 'show', 'table', 'all')),
    ...namespaces(),
    ...(await told('rule', 'nft', '-s', 'list', 'ruleset')),
    ...(alone ? await told('rule of iptables', 'iptables-save') : []),
    ...(alone ? await told('rule of iptables', 'ip6tables-save') : []),
    ...(await told('setting', 'sysctl', '-a', ...(alone ? [] : ['--pattern', '^net\\.']))),
  ].map(steady);
  const kept = all.filter((line) => !OF_LINK.test(line) && (alone || line.includes(prefix)));
  return [
    ...kept.filter((line) => !VOLATILE.test(line)),
    ...files(execRoot),
    ...(alone ? files(dataRoot) : []),
  ].sort();
}

const namespaces = (): readonly string[] =>
  existsSync('/run/netns') ? readdirSync('/run/netns').map((name) => `namespace: ${name}`) : [];

/** Counters and what the kernel counts as time goes by. */
const VOLATILE = new RegExp(
  [
    /conntrack_(?:count|buckets|max)|tcp_fastopen_key|hash|random|neigh\..*base_reachable|expires/,
    /^setting: fs\.(?:dentry-state|file-nr|inode-|aio-nr|quota)/,
    /^setting: kernel\.(?:ns_last_pid|pty\.nr)/,
    /^rule of iptables: #/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

const steady = (line: string): string =>
  line.replace(/ (?:expires|age) \S+/, '').replace(/ \[\d+:\d+\]$/, '');

/** A bridge is up, and has an address of the link, once something was plugged in. */
const stateless = (line: string): string =>
  line
    .replace(/\b(?:UP|DOWN|UNKNOWN|linkdown)\b/, '')
    .replace(/ fe80::\S+/, '')
    .replace(/\s+/g, ' ')
    .trim();
const OF_LINK = /^route: (?:anycast |local |multicast )?(?:fe80::|ff00::)/;

/** Those that the log and containerd write as they go. */
const WRITTEN = /\/head-witness$|-(?:wal|shm|journal)$/;

function files(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !WRITTEN.test(path))
    .filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined)
    .map((path) => `file: ${relative(dirname(root), path)}`);
}

export function differences(before: readonly string[], now: readonly string[]): readonly string[] {
  const [was, is] = [before, now].map((lines) => new Set(lines.map(stateless)));
  return [
    ...[...(is ?? [])].filter((line) => !was?.has(line)).map((line) => `left behind: ${line}`),
    ...[...(was ?? [])].filter((line) => !is?.has(line)).map((line) => `lost: ${line}`),
  ];
}
