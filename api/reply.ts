/**
 * Writes a reply to an HTTP response. A stream's head goes out at once, alone, and the next chunk
 * is asked for only when the last one has drained: a slow client costs its own place and nothing
 * else.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type ApiError, JSON_ERRORS_SINCE } from './errors.ts';
import { JSON_TYPE, type Reply } from './request.ts';
import { type ApiVersion, before, MAX_VERSION } from './versions.ts';

/** On every routed reply, errors included. */
export function standardHeaders(engineVersion: string): Readonly<Record<string, string>> {
  return {
    'Api-Version': MAX_VERSION,
    'Docker-Experimental': 'false',
    Ostype: 'linux',
    Server: `Docker/${engineVersion} (linux)`,
  };
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function sendText(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  text: string,
): void {
  const length = Buffer.byteLength(text);
  response.writeHead(status, { ...headers, 'Content-Length': length });
  // As many bytes as characters: ASCII, which goes out without being encoded.
  response.end(text, length === text.length ? 'latin1' : 'utf8');
}

async function sendChunks(
  response: ServerResponse,
  { chunks, lent }: Extract<Reply, { kind: 'stream' }>,
  signal: AbortSignal,
): Promise<void> {
  for await (const chunk of chunks) {
    if (signal.aborted) break;
    if (lent === true) {
      if (!(await written(response, chunk, signal))) break;
    } else if (!response.write(chunk)) await drained(response, signal);
  }
  response.end();
}

/** Whether the chunk is with the kernel. False: the client went away, and nobody needs it. */
function written(
  response: ServerResponse,
  chunk: Buffer | string,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = (): void => resolve(false);
    signal.addEventListener('abort', gone, { once: true });
    response.write(chunk, (error) => {
      signal.removeEventListener('abort', gone);
      resolve(error === null || error === undefined);
    });
  });
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal });
  } catch (error) {
    // The client went away instead of reading; the loop sees the signal and ends.
    if (!signal.aborted) throw error;
  }
}

/** @param signal aborted when the client is gone. A `hijack` reply does not come here. */
export async function send(
  response: ServerResponse,
  reply: Exclude<Reply, { kind: 'hijack' }>,
  signal: AbortSignal,
): Promise<void> {
  switch (reply.kind) {
    case 'json':
      return sendText(response, reply.status, { 'Content-Type': JSON_TYPE }, jsonText(reply.body));
    case 'text':
      return sendText(response, reply.status, reply.headers, reply.text);
    case 'empty':
      response.writeHead(reply.status, reply.status === 200 ? { 'Content-Length': 0 } : {});
      response.end();
      return undefined;
    case 'stream':
      response.writeHead(reply.status, reply.headers);
      response.flushHeaders();
      return await sendChunks(response, reply, signal);
  }
}

export function sendError(
  response: ServerResponse,
  error: ApiError,
  version: ApiVersion | undefined,
): void {
  if (version !== undefined && before(version, JSON_ERRORS_SINCE))
    sendText(response, error.status, { 'Content-Type': 'text/plain' }, `${error.message}\n`);
  else
    sendText(
      response,
      error.status,
      { 'Content-Type': JSON_TYPE },
      jsonText({ message: error.message }),
    );
}
