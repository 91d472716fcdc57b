/**
 * One subscriber of the native stream in a process of its own: what it does with the facts is not
 * the daemon's time or memory. Says how long all of them took.
 */
import { fork } from 'node:child_process';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../cli/client/index.ts';

export interface Reading {
  readonly socketPath: string;
  /** Each fact is parsed and handed over by the typed client; else bytes are only counted. */
  readonly typed: boolean;
}

export interface Read {
  /** Bytes or, with the typed client, facts. */
  readonly count: number;
  readonly seconds: number;
}

function readBytes(socketPath: string): Promise<number> {
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

async function readTyped(socketPath: string): Promise<number> {
  let facts = 0;
  const events = createClient(`unix://${socketPath}`).events$();
  await events.forEach((event) => {
    if (event.kind === 'fact') facts += 1;
  });
  return facts;
}

/** Reads the whole log once. */
export function readAll({ socketPath, typed }: Reading): Promise<Read> {
  const reader = fork(fileURLToPath(import.meta.url), [socketPath, typed ? 'typed' : 'bytes']);
  return new Promise((resolve, reject) => {
    reader.once('message', (read: Read) => resolve(read));
    reader.once('exit', (code) => reject(new Error(`the reader ended with ${code}`)));
    reader.once('error', reject);
  });
}

const [, , socketPath, how] = process.argv;
if (import.meta.main && socketPath !== undefined) {
  const from = performance.now();
  const count = await (how === 'typed' ? readTyped(socketPath) : readBytes(socketPath));
  const read: Read = { count, seconds: (performance.now() - from) / 1_000 };
  process.send?.(read);
}
