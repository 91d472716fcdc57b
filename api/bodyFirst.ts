/**
 * The body of a request whose connection stops being HTTP behind it. The parser has given some of
 * it to the request, or none; the rest stands on the socket before the raw bytes.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { apiError } from './errors.ts';

/** Bodies of such requests are small. Bytes. */
const LIMIT = 64 * 1024;

/** @param gone aborted when the client is. @throws ApiError for a body that is too large or cut */
export async function bodyFirst(
  request: IncomingMessage,
  socket: Socket,
  gone: AbortSignal,
): Promise<Readable> {
  // In chunks it stays the parser's: it is whole when the request ends.
  if (request.headers['transfer-encoding'] !== undefined) return request;
  const length = Number(request.headers['content-length'] ?? '0');
  if (length > LIMIT) throw apiError('body-too-large', { limit: LIMIT });
  await setImmediate();
  const parsed: Buffer | null = request.read();
  const chunks = parsed === null ? [] : [parsed];
  let left = length - (parsed?.length ?? 0);
  while (left > 0) {
    const chunk: Buffer | null = socket.read(Math.min(left, Math.max(socket.readableLength, 1)));
    if (chunk !== null) {
      chunks.push(chunk);
      left -= chunk.length;
    } else await more(socket, gone);
  }
  return Readable.from([Buffer.concat(chunks)]);
}

async function more(socket: Socket, signal: AbortSignal): Promise<void> {
  if (socket.readableEnded || socket.destroyed) throw apiError('body-cut-off', {});
  try {
    await once(socket, 'readable', { signal });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw apiError('body-cut-off', {});
  }
}
