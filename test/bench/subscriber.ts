/**
 * How fast the native stream gives a log of any length to one subscriber, and what that costs the
 * daemon's memory: the facade over a real log, on a socket, read as fast as it comes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApi } from '../../api/server.ts';
import { plainEvents, plainSideEvents, world } from '../../api/testing/fakes.ts';
import { sleep } from '../../effects/system/clock.ts';
import { openReader } from '../../store/connection.ts';
import { factsReader } from '../../store/read.ts';
import { textsReader } from '../../store/texts.ts';
import type { Bench } from './bench.ts';
import { longLogAt } from './keptLog.ts';
import { readAll } from './reader.ts';
import type { Row } from './report.ts';

const ROUNDS = 3;
const MIB = 1024 * 1024;

async function rounds(directory: string, path: string, count: number): Promise<readonly Row[]> {
  const db = openReader(path);
  const fake = world();
  const head = factsReader(db).head().position;
  const native = { ...fake.ports.native, texts: textsReader(db) };
  const log = { ...fake.ports.log, head: () => head };
  const ports = { ...fake.ports, native, log };
  const options = { dockerEvents: plainEvents, sideEvents: plainSideEvents, log: () => undefined };
  const api = createApi(ports, { ...options, sleep: (ms, signal) => sleep(ms, signal) });
  const socket = join(directory, 'api.sock');
  await api.listen({ path: socket });
  const rates: number[] = [];
  const cpuRates: number[] = [];
  const typed: number[] = [];
  const grown: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const before = process.memoryUsage().rss;
    const cpu = process.cpuUsage();
    const { seconds } = await readAll({ socketPath: socket, typed: false });
    const { user, system } = process.cpuUsage(cpu);
    rates.push(head / seconds);
    cpuRates.push(head / ((user + system) / 1_000_000));
    grown.push((process.memoryUsage().rss - before) / MIB);
    const parsed = await readAll({ socketPath: socket, typed: true });
    if (parsed.count !== head) throw new Error('not all facts came');
    typed.push(head / parsed.seconds);
  }
  await api.close();
  db.close();
  const aim = { atLeast: 200_000 };
  return [
    { name: 'streamed to one subscriber', unit: 'facts/s', samples: { shiplog: rates }, aim },
    {
      name: "by the daemon's processor time",
      unit: 'facts/s',
      samples: { shiplog: cpuRates },
      aim,
    },
    { name: 'and read by the typed client', unit: 'facts/s', samples: { shiplog: typed } },
    { name: 'memory grown by a whole stream', unit: 'MiB', samples: { shiplog: grown } },
  ];
}

export const subscriber: Bench = {
  name: 'subscriber',
  about: 'facts a second to one subscriber of the native stream, and the memory that takes',
  run: async ({ rounds: count = ROUNDS, ...options }, report) => {
    const directory = mkdtempSync(join(tmpdir(), 'shiplog-bench-'));
    const path = join(directory, 'log.db');
    try {
      await longLogAt(path, options);
      for (const row of await rounds(directory, path, count)) report.row(row);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};
