/**
 * How fast the native stream gives a log of any length to one subscriber, and what that costs the
 * daemon's memory: the facade over a real log, on a socket, read as fast as it comes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApi } from '../../api/server.ts';
import { plainEvents, plainSideEvents, world } from '../../api/testing/fakes.ts';
import { createClient } from '../../cli/client/index.ts';
import { sleep } from '../../effects/system/clock.ts';
import { openReader } from '../../store/connection.ts';
import { factsReader } from '../../store/read.ts';
import { textsReader } from '../../store/texts.ts';
import type { Bench } from './bench.ts';
import { longLogAt } from './keptLog.ts';
import type { Row } from './report.ts';

const ROUNDS = 3;
const MIB = 1024 * 1024;

/** Bytes of the whole answer, which are only counted: the rate is the daemon's. */
function read(socketPath: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/shiplog/v1/events' }, (reply) => {
      let bytes = 0;
      reply.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      reply.once('end', () => resolve(bytes));
      reply.once('error', reject);
    });
    asked.once('error', reject);
    asked.end();
  });
}

/** The same with the typed client, each fact parsed and handed over. */
async function readTyped(socketPath: string): Promise<number> {
  let facts = 0;
  const events = createClient(`unix://${socketPath}`).events$();
  await events.forEach((event) => {
    if (event.kind === 'fact') facts += 1;
  });
  return facts;
}

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
  const typed: number[] = [];
  const grown: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const before = process.memoryUsage().rss;
    const from = performance.now();
    await read(socket);
    rates.push(head / ((performance.now() - from) / 1_000));
    grown.push((process.memoryUsage().rss - before) / MIB);
    const again = performance.now();
    if ((await readTyped(socket)) !== head) throw new Error('not all facts came');
    typed.push(head / ((performance.now() - again) / 1_000));
  }
  await api.close();
  db.close();
  return [
    {
      name: 'streamed to one subscriber',
      unit: 'facts/s',
      samples: { shiplog: rates },
      aim: { atLeast: 200_000 },
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
