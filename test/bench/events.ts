/**
 * Events a second, told from the past by `GET /events`. dockerd has the last 256 only, so each is
 * asked for what it has, after a few hundred creates and removals.
 */
import type { Bench } from './bench.ts';
import type { Contender } from './contenders.ts';
import { asked, created, removed } from './engine.ts';
import { elapsedMs, interleaved } from './interleaved.ts';

const CYCLES = 200;
const ROUNDS = 9;

async function told({ engine }: Contender): Promise<number> {
  let events = 0;
  const until = Math.ceil((performance.timeOrigin + performance.now()) / 1_000);
  const ms = await elapsedMs(async () => {
    const body = await asked(engine, 'GET', `/events?since=1&until=${until - 1}`);
    events = body.split('\n').filter((line) => line !== '').length;
  });
  return events / (ms / 1_000);
}

export const events: Bench = {
  name: 'events',
  about: 'events of the past, as fast as they are told',
  run: async ({ rounds = ROUNDS, contenders }, report) => {
    const { engines } = await contenders();
    for (const { engine } of engines) {
      for (let at = 0; at < CYCLES; at += 1) await removed(engine, await created(engine, ['true']));
    }
    const turns = engines.map((one) => ({ name: one.name, measure: () => told(one) }));
    report.row({ name: 'told', unit: 'events/s', samples: await interleaved(turns, rounds) });
  },
};
