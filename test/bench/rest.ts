/** Memory and processor time of all processes of a daemon while nobody asks for anything. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import type { Contender } from './contenders.ts';
import { removed, sleeper } from './engine.ts';
import { cpuMs, memoryMib, type Part, partsOf } from './processCost.ts';
import type { Aim, Report } from './report.ts';

const RUNNING = 50;
/** What was begun is over by then. */
const SETTLE_MS = 5_000;
const WATCH_MS = 10_000;
const PARTS: readonly Part[] = ['daemon', 'stdio', 'containerd', 'shims'];

interface Cost {
  readonly rss: number;
  readonly pss: number;
  /** Percent of one processor. */
  readonly cpu: number;
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((all, pid) => all + of(pid), 0);
}

async function costsOf(engines: readonly Contender[]): Promise<Map<string, Map<Part, Cost>>> {
  await sleep(SETTLE_MS);
  const parts = engines.map(({ name, dir }) => [name, partsOf(dir)] as const);
  const used = () =>
    parts.map(([, kinds]) => new Map([...kinds].map(([kind, pids]) => [kind, sum(pids, cpuMs)])));
  const before = used();
  await sleep(WATCH_MS);
  const after = used();
  const costs = parts.map(([name, kinds], at) => {
    const each = [...kinds].map(([kind, pids]) => {
      const ms = (after[at]?.get(kind) ?? 0) - (before[at]?.get(kind) ?? 0);
      const rss = sum(pids, (pid) => memoryMib(pid).rss);
      const pss = sum(pids, (pid) => memoryMib(pid).pss);
      return [kind, { rss, pss, cpu: (100 * ms) / WATCH_MS }] as const;
    });
    return [name, new Map(each)] as const;
  });
  return new Map(costs);
}

function tell(report: Report, when: string, costs: Map<string, Map<Part, Cost>>, aim?: Aim): void {
  const samples = (of: (parts: Map<Part, Cost>) => number | undefined) =>
    Object.fromEntries(
      [...costs].flatMap(([name, parts]) => {
        const value = of(parts);
        return value === undefined ? [] : [[name, [value]]];
      }),
    );
  const all = (key: 'pss' | 'cpu') => (parts: Map<Part, Cost>) =>
    [...parts.values()].reduce((whole, cost) => whole + cost[key], 0);
  const limit = aim === undefined ? {} : { aim };
  const daemon = samples((parts) => parts.get('daemon')?.rss);
  report.row({ name: `daemon resident, ${when}`, unit: 'MiB', samples: daemon, ...limit });
  for (const part of PARTS) {
    const share = samples((parts) => parts.get(part)?.pss);
    if (Object.keys(share).length === 0) continue;
    report.row({ name: `${part} share of memory, ${when}`, unit: 'MiB', samples: share });
  }
  report.row({ name: `all share of memory, ${when}`, unit: 'MiB', samples: samples(all('pss')) });
  report.row({ name: `all processor, ${when}`, unit: '%', samples: samples(all('cpu')) });
}

export const rest: Bench = {
  name: 'rest',
  about: `memory and processor at rest, and with ${RUNNING} running containers`,
  run: async ({ contenders }, report) => {
    const { engines } = await contenders();
    tell(report, 'at rest', await costsOf(engines), { atMost: 150 });
    const ids = new Map<Contender, string[]>();
    for (const one of engines) {
      const mine: string[] = [];
      ids.set(one, mine);
      for (let at = 0; at < RUNNING; at += 1) mine.push(await sleeper(one.engine));
    }
    tell(report, `${RUNNING} running`, await costsOf(engines));
    for (const [{ engine }, mine] of ids) for (const id of mine) await removed(engine, id);
  },
};
