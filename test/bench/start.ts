/**
 * From the daemon's exec to its first answer to `ps -a`, with 50 running and 500 stopped ones,
 * after a long history and after a short one, in turn. The containers run on while the daemon is
 * away; the answer waits for the reconcile with them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadImage, success } from '../support/loadedDaemon.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { ROOT } from '../tidy/project.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { median } from './engine.ts';
import { longLogAt, STOPPED } from './keptLog.ts';

const ROUNDS = 5;
const RUNNING = 50;
const AT_A_TIME = 5;
/** Enough for the stopped containers, and hardly more. */
const SHORT_FACTS = 15_000;
const ASK_EVERY_MS = 3;
const GIVE_UP_MS = 60_000;
const USER_HZ = 100;

interface Start {
  readonly ms: number;
  /** Time that the daemon's process was on a processor until then, milliseconds. */
  readonly cpuMs: number;
}

async function populated(options: BenchOptions): Promise<TemporaryDaemon> {
  const prepare = (dataRoot: string) => longLogAt(join(dataRoot, 'log.db'), options);
  // As the start script has it.
  const env = { NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'compile') };
  const daemon = await startTemporaryDaemon({ prepare, env });
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

/** User and system time of a process so far, as /proc tells: the 14th and 15th field. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12).map(Number);
  return ((user + system) * 1_000) / USER_HZ;
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

function print(name: string, starts: readonly Start[], base: number): void {
  const ms = median(starts.map((start) => start.ms));
  const busy = median(starts.map((start) => start.cpuMs));
  const ratio = (ms / base).toFixed(2);
  const row = `${ms.toFixed(0)} ms (${ratio}), of which on a processor ${busy.toFixed(0)} ms`;
  console.log(`${name.padEnd(24)}${row}`);
}

export const start: Bench = {
  name: 'start',
  about: `exec of the daemon to the first answer to ps -a, ${RUNNING} running, ${STOPPED} stopped`,
  run: async ({ rounds = ROUNDS, facts, log }) => {
    const short = await populated({ facts: SHORT_FACTS });
    const long = await populated({ facts, ...(log === undefined ? {} : { log }) });
    const starts: { short: Start[]; long: Start[] } = { short: [], long: [] };
    try {
      await Promise.all([oneStart(short), oneStart(long)]);
      for (let round = 0; round < rounds; round += 1) {
        starts.short.push(await oneStart(short));
        starts.long.push(await oneStart(long));
      }
      const base = median(starts.short.map(({ ms }) => ms));
      print(`log of ${SHORT_FACTS} facts`, starts.short, base);
      print(`log of ${facts} facts`, starts.long, base);
    } finally {
      await short.stop();
      await long.stop();
    }
  },
};
