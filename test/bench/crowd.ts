/**
 * What a crowd of starts at once costs somebody else: a stop (by SIGKILL, so that it is the daemon
 * that is measured) alone, and again and again while many containers are started at once.
 */
import type { Bench } from './bench.ts';
import type { Contender } from './contenders.ts';
import { asked, created, type Engine, engineAt, removed, sleeper } from './engine.ts';
import { elapsedMs } from './interleaved.ts';
import { median } from './median.ts';

const STARTS = 100;
const VICTIMS = 8;
/** Connections of one client; a crowd comes on many. */
const PER_ENGINE = 16;

interface Crowd {
  readonly idle: readonly number[];
  readonly busy: readonly number[];
  readonly starts: readonly number[];
  readonly wholeMs: number;
}

async function victims(engine: Engine): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < VICTIMS; at += 1) ids.push(await sleeper(engine));
  return ids;
}

/** Stops one after the other; those after the crowd has come to rest do not count. */
async function stops(engine: Engine, ids: readonly string[], over: () => boolean) {
  const took: number[] = [];
  for (const id of ids) {
    const ms = await elapsedMs(() => asked(engine, 'POST', `/containers/${id}/stop`));
    if (!over()) took.push(ms);
  }
  return took;
}

async function crowdOn({ name, socket, engine }: Contender): Promise<Crowd> {
  const clients = Array.from({ length: Math.ceil(STARTS / PER_ENGINE) }, () =>
    engineAt(name, socket),
  );
  const alone = await victims(engine);
  const idle = await stops(engine, alone, () => false);
  const meanwhile = await victims(engine);
  const ids: string[] = [];
  for (let at = 0; at < STARTS; at += 1) ids.push(await created(engine, ['sleep', '600']));
  let over = false;
  const start = (id: string, at: number): Promise<number> => {
    const client = clients[at % clients.length] ?? engine;
    return elapsedMs(() => asked(client, 'POST', `/containers/${id}/start`));
  };
  const from = performance.now();
  const started = Promise.all(ids.map(start)).finally(() => {
    over = true;
  });
  const busy = await stops(engine, meanwhile, () => over);
  const starts = await started;
  const wholeMs = performance.now() - from;
  for (const id of [...alone, ...meanwhile, ...ids]) await removed(engine, id);
  for (const client of clients) client.close();
  return { idle, busy, starts, wholeMs };
}

export const crowd: Bench = {
  name: 'crowd',
  about: `a stop alone and among ${STARTS} starts at once`,
  run: async ({ contenders }, report) => {
    const { engines } = await contenders();
    const crowds: (readonly [string, Crowd])[] = [];
    for (const one of engines) crowds.push([one.name, await crowdOn(one)]);
    const row = (name: string, unit: string, of: (crowd: Crowd) => readonly number[]) => {
      const samples = Object.fromEntries(crowds.map(([who, one]) => [who, of(one)]));
      report.row({ name, unit, samples });
    };
    row('stop alone', 'ms', ({ idle }) => idle);
    row('stop among starts', 'ms', ({ busy }) => busy);
    row('slow-down of the stop', 'times', ({ idle, busy }) => [median(busy) / median(idle)]);
    row('start', 'ms', ({ starts }) => starts);
    row('all starts', 'ms', ({ wholeMs }) => [wholeMs]);
  },
};
