/** What processes cost, as /proc tells. */
import { readFileSync } from 'node:fs';
import { processesOf } from '../support/leftovers.ts';

const USER_HZ = 100;
const KIB_PER_MIB = 1_024;

/** User and system time of a process so far, milliseconds: the 14th and 15th field. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12).map(Number);
  return ((user + system) * 1_000) / USER_HZ;
}

/** Memory of a process, MiB: what is resident, and its share of that (what is shared, divided). */
export function memoryMib(pid: number): { readonly rss: number; readonly pss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name: string): number => {
    const kib = Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN);
    return kib / KIB_PER_MIB;
  };
  return { rss: of('Rss'), pss: of('Pss') };
}

export type Part = 'daemon' | 'stdio' | 'containerd' | 'shims';

/** Processes of a daemon by what they are; the containers' own are left out. */
export function partsOf(dir: string): ReadonlyMap<Part, readonly number[]> {
  const parts = new Map<Part, number[]>();
  for (const { pid, command, contained } of processesOf(dir)) {
    const part = contained ? undefined : partOf(command);
    if (part !== undefined) parts.set(part, [...(parts.get(part) ?? []), pid]);
  }
  return parts;
}

function partOf(command: string): Part | undefined {
  const [program = ''] = command.split(' ');
  if (program.includes('containerd-shim')) return 'shims';
  if (/(^|\/)containerd$/.test(program)) return 'containerd';
  if (command.includes('stdio/main.ts')) return 'stdio';
  if (/(^|\/)dockerd$/.test(program) || command.includes('/main.ts')) return 'daemon';
  return undefined;
}
