/**
 * Limits that a process gets when nobody says any: the daemon's own, as whoever started it meant
 * them. They are set for each container, for what it would inherit are those of a shim, which may
 * come from another daemon or another containerd.
 */
import type { OciRlimit } from '../spec/types.ts';

/** As /proc/<pid>/limits calls them. */
const NAMES: Readonly<Record<string, string>> = {
  'Max cpu time': 'CPU',
  'Max file size': 'FSIZE',
  'Max data size': 'DATA',
  'Max stack size': 'STACK',
  'Max core file size': 'CORE',
  'Max resident set': 'RSS',
  'Max processes': 'NPROC',
  'Max open files': 'NOFILE',
  'Max locked memory': 'MEMLOCK',
  'Max address space': 'AS',
  'Max file locks': 'LOCKS',
  'Max pending signals': 'SIGPENDING',
  'Max msgqueue size': 'MSGQUEUE',
  'Max nice priority': 'NICE',
  'Max realtime priority': 'RTPRIO',
  'Max realtime timeout': 'RTTIME',
};

/** Node raises its own to the hard limit; what stood there before is the usual one. */
const SOFT_FILES = 1024n;
const UNLIMITED = 2n ** 64n - 1n;

/** @param limits text of /proc/<pid>/limits */
export function inheritedLimits(limits: string): readonly OciRlimit[] {
  return limits.split('\n').flatMap((line) => {
    const [, title = '', soft = '', hard = ''] = /^(.+?) {2,}(\w+) +(\w+)/.exec(line) ?? [];
    const name = NAMES[title];
    if (name === undefined) return [];
    const most = numberOf(hard);
    const given = numberOf(soft);
    const files = most < SOFT_FILES ? most : SOFT_FILES;
    return [{ type: `RLIMIT_${name}`, soft: name === 'NOFILE' ? files : given, hard: most }];
  });
}

const numberOf = (text: string): bigint => (text === 'unlimited' ? UNLIMITED : BigInt(text));
