/**
 * A hijacked connection that speaks websocket (RFC 6455): the handshake, and the raw bytes of both
 * directions inside of messages. The client's end of its direction is its close frame; ours is sent
 * behind the last output.
 */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { apiError } from '../errors.ts';
import type { HijackedConnection } from '../request.ts';
import { CLOSE, ClientFrames, closeFrame, frameOf, messages, OPCODE } from './frames.ts';

/** The protocol's own, mixed into every answer. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY = /^[A-Za-z0-9+/]{22}==$/;

const names = (value: string | undefined, name: string): boolean =>
  (value ?? '')
    .toLowerCase()
    .split(',')
    .some((part) => part.trim() === name);

/**
 * The head that accepts the request, without its status line.
 * @throws ApiError 400 for a request that asks for no websocket of the version 13
 */
export function accepted(headers: IncomingHttpHeaders): readonly string[] {
  const refuse = (message: string) => apiError('bad-parameter', { message });
  if (!names(headers.upgrade, 'websocket') || !names(headers.connection, 'upgrade'))
    throw refuse('not websocket protocol');
  const key = headers['sec-websocket-key'] ?? '';
  if (!KEY.test(key)) throw refuse('mismatch challenge/response');
  if (headers['sec-websocket-version'] !== '13') throw refuse('missing or bad WebSocket Version');
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  return ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
}

/**
 * Gives `run` the connection inside the messages.
 * @param binary whether what goes out is called binary or text
 */
export async function overWebsocket(
  connection: HijackedConnection,
  binary: boolean,
  run: (inner: HijackedConnection) => Promise<void>,
): Promise<void> {
  const { input, output, signal } = connection;
  const gone = new AbortController();
  signal.addEventListener('abort', () => gone.abort(), { once: true });
  if (signal.aborted) gone.abort();
  let closing: number = CLOSE.normal;
  const frames = new ClientFrames({
    ping: (payload) => void output.write(frameOf(OPCODE.pong, payload)),
    over: (code) => {
      closing = code;
      // Broken frames end all of it; a close frame the client's direction alone.
      if (code !== CLOSE.normal) gone.abort();
    },
  });
  const out = messages(binary ? OPCODE.binary : OPCODE.text);
  const fed = pipeline(input, frames).catch(() => gone.abort());
  out.pipe(output, { end: false });
  try {
    await run({ input: frames, output: out, signal: gone.signal });
  } finally {
    out.end();
    await drained(out, signal);
    if (!signal.aborted) output.write(closeFrame(closing));
    frames.destroy();
    await fed;
  }
}

/** What was to be said has been, or nobody is there to hear it. */
async function drained(out: Readable, signal: AbortSignal): Promise<void> {
  try {
    await finished(out, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
