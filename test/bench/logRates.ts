/** How many facts a second the log appends, rebuilds its read models from, and verifies. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { verifyWhole } from '../../cli/replay/verify.ts';
import { nowNs } from '../../effects/system/clock.ts';
import { PROJECTIONS } from '../../projections/all.ts';
import { type OpenedLog, openLog } from '../../store/log.ts';
import { verifyLog } from '../../store/verify.ts';
import type { Bench } from './bench.ts';
import { longLogAt } from './keptLog.ts';
import { writtenLives } from './longLog.ts';
import type { Row } from './report.ts';

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

/** With every transition and all read models, as `shiplog verify` does it. */
async function verifyWholeRate(path: string): Promise<number> {
  const steps = verifyWhole(path);
  const from = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done !== true) continue;
    if (!step.value.ok) throw new Error(`not whole: ${JSON.stringify(step.value)}`);
    return step.value.facts / ((performance.now() - from) / 1_000);
  }
}

interface Rate extends Pick<Row, 'name' | 'aim'> {
  readonly once: () => Promise<number>;
}

async function measured({ name, aim, once }: Rate, rounds: number): Promise<Row> {
  const shiplog: number[] = [];
  for (let round = 0; round < rounds; round += 1) shiplog.push(await once());
  return { name, unit: 'facts/s', samples: { shiplog }, ...(aim === undefined ? {} : { aim }) };
}

function ratesIn(directory: string, path: string): readonly Rate[] {
  const together = `append, ${APPENDS_A_TURN} decisions at a time`;
  return [
    { name: 'append, one decision at a time', once: () => appendRate(directory, 1) },
    { name: together, once: () => appendRate(directory, APPENDS_A_TURN) },
    {
      name: 'rebuild of all read models',
      aim: { atLeast: 150_000 },
      once: () => rebuildRate(path),
    },
    { name: 'verification', aim: { atLeast: 30_000 }, once: () => verifyRate(path) },
    { name: 'verification, all folded anew', once: () => verifyWholeRate(path) },
  ];
}

export const logRates: Bench = {
  name: 'log',
  about: 'facts a second: append, rebuild of all read models, verification',
  run: async ({ rounds = ROUNDS, ...options }, report) => {
    const directory = mkdtempSync(join(tmpdir(), 'shiplog-bench-'));
    const path = join(directory, 'log.db');
    try {
      await longLogAt(path, options);
      for (const rate of ratesIn(directory, path)) report.row(await measured(rate, rounds));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};
