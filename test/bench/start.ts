/**
 * From the daemon's exec to its first answer to `ps -a`, with 50 running and 500 stopped ones,
 * after a long history and after a short one, in turn. The containers run on while the daemon is
 * away; the answer waits for the reconcile with them.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadImage, success } from '../support/loadedDaemon.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { longLogAt, STOPPED } from './keptLog.ts';
import { cpuMs } from './processCost.ts';
import type { Report } from './report.ts';

const ROUNDS = 5;
const RUNNING = 50;
const AT_A_TIME = 5;
/** Enough for the stopped containers, and hardly more. */
const SHORT_FACTS = 15_000;
const ASK_EVERY_MS = 3;
const GIVE_UP_MS = 60_000;

interface Start {
  readonly ms: number;
  /** Time that the daemon's process was on a processor until then, milliseconds. */
  readonly cpuMs: number;
}

async function populated(options: Pick<BenchOptions, 'facts' | 'log'>): Promise<TemporaryDaemon> {
  const prepare = (dataRoot: string) => longLogAt(join(dataRoot, 'log.db'), options);
  const daemon = await startTemporaryDaemon({ prepare, asInstalled: true });
  await loadImage(daemon);
  for (let left = RUNNING; left > 0; left -= AT_A_TIME) {
    const run = () => daemon.docker('run', '-d', '--network=none', 'busybox', 'sleep', '100000');
    (await Promise.all(Array.from({ length: AT_A_TIME }, run))).map(success);
  }
  return daemon;
}

async function listed(daemon: TemporaryDaemon): Promise<number> {
  try {
    const { status, body } = await daemon.request('GET', '/v1.41/containers/json?all=1');
    return status === 200 ? (JSON.parse(body) as readonly unknown[]).length : 0;
  } catch {
    return 0;
  }
}

async function oneStart(daemon: TemporaryDaemon): Promise<Start> {
  await daemon.terminate();
  const from = performance.now();
  const ready = daemon.restart();
  while ((await listed(daemon)) < STOPPED + RUNNING) {
    if (performance.now() - from > GIVE_UP_MS) throw new Error('ps -a did not answer');
    await sleep(ASK_EVERY_MS);
  }
  const took = { ms: performance.now() - from, cpuMs: cpuMs(daemon.pid()) };
  await ready;
  return took;
}

function tell(report: Report, facts: number, starts: readonly Start[]): void {
  const row = (name: string, shiplog: readonly number[]) =>
    report.row({ name: `${name} ${facts} facts`, unit: 'ms', samples: { shiplog } });
  row(
    'start after',
    starts.map(({ ms }) => ms),
  );
  row(
    'processor time of it after',
    starts.map((start) => start.cpuMs),
  );
}

export const start: Bench = {
  name: 'start',
  about: `exec of the daemon to the first answer to ps -a, ${RUNNING} running, ${STOPPED} stopped`,
  run: async ({ rounds = ROUNDS, facts, log }, report) => {
    const short = await populated({ facts: SHORT_FACTS });
    const long = await populated({ facts, ...(log === undefined ? {} : { log }) });
    const starts: { short: Start[]; long: Start[] } = { short: [], long: [] };
    try {
      await Promise.all([oneStart(short), oneStart(long)]);
      for (let round = 0; round < rounds; round += 1) {
        starts.short.push(await oneStart(short));
        starts.long.push(await oneStart(long));
      }
      tell(report, SHORT_FACTS, starts.short);
      tell(report, facts, starts.long);
    } finally {
      await short.stop();
      await long.stop();
    }
  },
};
