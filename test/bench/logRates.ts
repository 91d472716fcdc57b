/** How many facts a second the log appends, rebuilds its read models from, and verifies. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { nowNs } from '../../effects/system/clock.ts';
import { PROJECTIONS } from '../../projections/all.ts';
import { type OpenedLog, openLog } from '../../store/log.ts';
import { verifyLog } from '../../store/verify.ts';
import type { Bench } from './bench.ts';
import { median } from './engine.ts';
import { longLogAt } from './keptLog.ts';
import { writtenLives } from './longLog.ts';

const ROUNDS = 3;
const APPENDED_FACTS = 20_000;
const APPENDS_A_TURN = 64;

function opened(path: string): OpenedLog {
  return openLog({ path, clock: { nowNs }, projections: PROJECTIONS, newLogId: () => 'bench' });
}

async function seconds(act: () => unknown): Promise<number> {
  const from = performance.now();
  await act();
  return (performance.now() - from) / 1_000;
}

/** The same rows into a new log each time, as many at a time as fit into one transaction. */
async function appendRate(directory: string, together: number): Promise<number> {
  const path = join(directory, `append-${together}.db`);
  const lives = writtenLives(APPENDED_FACTS / (together === 1 ? 10 : 1));
  const facts = lives.reduce((count, life) => count + life.facts.length, 0);
  const log = opened(path);
  const took = await seconds(async () => {
    for (let from = 0; from < lives.length; from += together) {
      const turn = lives.slice(from, from + together);
      await Promise.all(turn.map((one) => log.append(one.facts, one.secrets)));
    }
  });
  if (log.head().position !== facts) throw new Error('not all was appended');
  log.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  return facts / took;
}

/** As after an upgrade that changed every read model. */
async function rebuildRate(path: string): Promise<number> {
  const db = new Sqlite(path);
  const facts = Number(db.prepare('SELECT max(position) FROM facts').pluck().get());
  db.exec('UPDATE projections SET version = 0');
  db.close();
  return facts / (await seconds(() => opened(path).close()));
}

async function verifyRate(path: string): Promise<number> {
  let facts = 0;
  const took = await seconds(() => {
    const result = verifyLog(path);
    if (!result.ok) throw new Error(`the log does not verify: ${JSON.stringify(result)}`);
    facts = result.facts;
  });
  return facts / took;
}

async function row(name: string, rounds: number, rate: () => Promise<number>): Promise<void> {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) rates.push(await rate());
  console.log(`${name.padEnd(34)}${Math.round(median(rates))} facts a second`);
}

export const logRates: Bench = {
  name: 'log',
  about: 'facts a second: append, rebuild of all read models, verification',
  run: async ({ rounds = ROUNDS, ...options }) => {
    const directory = mkdtempSync(join(tmpdir(), 'shiplog-bench-'));
    const path = join(directory, 'log.db');
    try {
      await row('append, one decision at a time', rounds, () => appendRate(directory, 1));
      const name = `append, ${APPENDS_A_TURN} decisions at a time`;
      await row(name, rounds, () => appendRate(directory, APPENDS_A_TURN));
      await longLogAt(path, options);
      await row('rebuild of all read models', rounds, () => rebuildRate(path));
      await row('verification', rounds, () => verifyRate(path));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};
