/**
 * The facade on a socket of its own, and a client that speaks to it byte by byte or in requests.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestRecord } from '../options.ts';
import { createApi } from '../server.ts';
import { breaches } from './contract.ts';
import { plainEvents, plainSideEvents, type World } from './fakes.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Served {
  readonly path: string;
  readonly lines: RequestRecord[];
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** The answer as soon as its head is here. */
  open(method: string, path: string): Promise<IncomingMessage>;
  raw(): Socket;
  close(): Promise<void>;
}

/** Rejects when it is called off, as the daemon's own does. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

export async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

export async function serve(world: World): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), 'shiplog-api-'));
  const path = join(directory, 'api.sock');
  const lines: RequestRecord[] = [];
  const api = createApi(world.ports, {
    dockerEvents: plainEvents,
    sideEvents: plainSideEvents,
    sleep,
    log: (line) => lines.push(line),
  });
  await api.listen({ path });

  function begin(method: string, target: string, body?: unknown, headers = {}) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
      const options = { socketPath: path, method, path: target, headers: { ...json, ...headers } };
      const request = httpRequest(options, resolve).on('error', reject);
      const sent = typeof body === 'string' ? body : JSON.stringify(body);
      request.end(body === undefined ? undefined : sent);
    });
  }

  return {
    path,
    lines,
    async ask(method, target, body, headers) {
      const response = await begin(method, target, body, headers);
      const status = response.statusCode ?? 0;
      const answer = { status, headers: response.headers, body: await text(response) };
      const contentType = response.headers['content-type'];
      const asked = { method, path: target };
      assert.deepEqual(breaches(asked, { status, contentType, body: answer.body }), []);
      return answer;
    },
    open: (method, target) => begin(method, target),
    raw: () => connect({ path, allowHalfOpen: true }),
    async close() {
      await api.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
