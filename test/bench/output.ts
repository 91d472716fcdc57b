/** 64 MiB that a container writes, from its start to its exit, and the same read back as logs. */
import { request } from 'node:http';
import type { Bench } from './bench.ts';
import type { Contender } from './contenders.ts';
import { asked, created, removed } from './engine.ts';
import { elapsedMs, interleaved } from './interleaved.ts';

const BYTES = 64 * 1_024 * 1_024;
const LINE =
  'a line of output as programs write them, of about a hundred characters: 0123456789abcdef';
const ROUNDS = 3;
const READ_MS = 120_000;

/** The bytes that came, framing included. */
function readLogs({ socket, name }: Contender, id: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = `/v1.41/containers/${id}/logs?stdout=1`;
    const sent = request({ socketPath: socket, path, timeout: READ_MS }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.on('end', () => resolve(bytes));
      answer.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`${name}: logs take too long`)));
    sent.on('error', reject).end();
  });
}

async function written({ engine }: Contender, ids: Map<string, string>, name: string) {
  const id = await created(engine, ['sh', '-c', `yes '${LINE}' | head -c ${BYTES}`]);
  const before = ids.get(name);
  if (before !== undefined) await removed(engine, before);
  ids.set(name, id);
  return elapsedMs(async () => {
    await asked(engine, 'POST', `/containers/${id}/start`);
    await asked(engine, 'POST', `/containers/${id}/wait`);
  });
}

async function readBack(contender: Contender, id: string): Promise<number> {
  let bytes = 0;
  const ms = await elapsedMs(async () => {
    bytes = await readLogs(contender, id);
  });
  if (bytes < BYTES) throw new Error(`${contender.name}: only ${bytes} bytes were read back`);
  return ms;
}

export const output: Bench = {
  name: 'output',
  about: '64 MiB of lines written by a container (json-file), and read back as logs',
  run: async ({ rounds = ROUNDS, contenders }, report) => {
    const { engines } = await contenders();
    const ids = new Map<string, string>();
    const writing = engines.map((one) => ({
      name: one.name,
      measure: () => written(one, ids, one.name),
    }));
    const writes = await interleaved(writing, rounds);
    report.row({ name: 'written', unit: 'ms', samples: writes, aim: { ratio: 0.5 } });
    const reading = engines.map((one) => ({
      name: one.name,
      measure: () => readBack(one, ids.get(one.name) ?? ''),
    }));
    const reads = await interleaved(reading, rounds);
    report.row({ name: 'read back', unit: 'ms', samples: reads, aim: { ratio: 0.2 } });
    for (const { name, engine } of engines) await removed(engine, ids.get(name) ?? '');
  },
};
