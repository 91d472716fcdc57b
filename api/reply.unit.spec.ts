import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { send } from './reply.ts';

/** Larger than what the kernel holds, and as small as the last page of a log. */
const SIZES = [700_000, 10, 1, 300_000, 64 * 1024, 20, 500_000];
const TURNS = 50;

/** One buffer for all: what it held is overwritten when the next chunk is asked for. */
async function* lent(): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(Math.max(...SIZES));
  for (const [n, size] of SIZES.entries()) {
    yield buffer.fill(n + 1).subarray(0, size);
    buffer.fill(0xff);
  }
}

/** Reads a little in a turn of the event loop, which is the server's as well. */
async function slowly(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) {
    chunks.push(chunk);
    for (let n = 0; n < TURNS; n += 1) await turn();
  }
  return Buffer.concat(chunks);
}

test('what is lent is with the kernel before the next is asked for', async (t) => {
  const { signal } = new AbortController();
  const reply = { kind: 'stream', status: 200, headers: {}, chunks: lent(), lent: true } as const;
  const server = createServer((_, response) => void send(response, reply, signal));
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ port, agent: false }, resolve).on('error', reject).end();
  });
  const expected = Buffer.concat(SIZES.map((size, n) => Buffer.alloc(size, n + 1)));
  assert.ok((await slowly(answer)).equals(expected));
});

test('a client that goes away ends what is lent to it', async (t) => {
  let ended = false;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield Buffer.alloc(700_000);
    } finally {
      ended = true;
    }
  }
  const gone = new AbortController();
  const reply = { kind: 'stream', status: 200, headers: {}, lent: true } as const;
  let sent: Promise<void> | undefined;
  const server = createServer((_, response) => {
    response.on('close', () => gone.abort());
    sent = send(response, { ...reply, chunks: endless() }, gone.signal);
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ port, agent: false }, resolve).on('error', reject).end();
  });
  answer.on('error', () => undefined);
  answer.destroy();
  await new Promise<void>((resolve) => gone.signal.addEventListener('abort', () => resolve()));
  await sent;
  assert.equal(ended, true);
});
