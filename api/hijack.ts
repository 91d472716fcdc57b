/**
 * Connections that stop being HTTP. Two ways lead here: a request with `Upgrade` is answered with
 * 101, one without with 200, and then both directions are raw bytes on the same socket.
 *
 * What holds on the socket: the client may end its direction at any time and still gets all output
 * (half close); bytes it sent right behind the head are kept; head and first bytes go out in
 * separate writes; at the end this side ends its direction first, goes on reading for a while so
 * that the client never sees a reset, and then closes.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ApiError } from './errors.ts';
import { jsonText } from './reply.ts';
import type { ApiContext, Reply } from './request.ts';
import { RAW_STREAM } from './stdcopy.ts';

/** How long a client may take to close after the end of output, milliseconds. */
const LINGER_MS = 10_000;

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  409: 'Conflict',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

/**
 * Takes a socket away from the HTTP parser, for requests without `Upgrade`. Must be called from the
 * `request` event: it acts right after the parser is through with the bytes it has, and before it
 * could read more. Node gives up its own reading as soon as somebody else listens for data; only
 * then may the socket be paused, or nobody would start its reading again. A body in chunks is left
 * to the parser, which takes them apart: that is how dockerode sends stdin.
 */
export function takeOver(request: IncomingMessage): void {
  const { socket } = request;
  const chunked = inChunks(request);
  process.nextTick(() => {
    for (const event of chunked ? ['end', 'error'] : ['data', 'end', 'timeout', 'error'])
      socket.removeAllListeners(event);
    socket.on('error', () => socket.destroy());
    if (chunked) return;
    const listener = () => undefined;
    socket.on('data', listener);
    socket.off('data', listener);
    socket.pause();
  });
}

const inChunks = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined && !wantsUpgrade(request);

/** Prepares a socket that comes from the `upgrade` event. */
export function adopt(socket: Socket, head: Buffer): void {
  socket.on('error', () => socket.destroy());
  if (head.length > 0) socket.unshift(head);
}

const wantsUpgrade = (request: IncomingMessage): boolean => request.headers.upgrade !== undefined;

function headLines(
  request: IncomingMessage,
  { contentType, upgrade }: Extract<Reply, { kind: 'hijack' }>,
): readonly string[] {
  if (upgrade !== undefined) return ['HTTP/1.1 101 Switching Protocols', ...upgrade];
  return wantsUpgrade(request)
    ? [
        'HTTP/1.1 101 UPGRADED',
        `Content-Type: ${contentType}`,
        'Connection: Upgrade',
        'Upgrade: tcp',
      ]
    : ['HTTP/1.1 200 OK', `Content-Type: ${RAW_STREAM}`];
}

const headText = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

/**
 * Resolves when the head is with the kernel: the first bytes of output are a write of their own.
 */
async function writeHead(socket: Socket, text: string): Promise<void> {
  await new Promise<void>((resolve) => socket.write(text, () => resolve()));
}

/** Answers and runs the hijacked part; resolves when the connection is closed. */
export async function hijack(
  request: IncomingMessage,
  socket: Socket,
  reply: Extract<Reply, { kind: 'hijack' }>,
  { ports, sleep }: Pick<ApiContext, 'ports' | 'sleep'>,
): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  ports.closeWhenGone(socket);
  if (socket.destroyed) gone.abort();
  else await writeHead(socket, headText(headLines(request, reply)));
  try {
    const input = inChunks(request) ? request : socket;
    await reply.run({ input, output: socket, signal: gone.signal });
  } finally {
    await finish(socket, gone.signal, sleep);
  }
}

/**
 * An error before the hijack. Of attach it is plain text, as nobody reads JSON on that connection.
 */
export async function hijackError(
  socket: Socket,
  error: ApiError,
  context: Pick<ApiContext, 'headers' | 'sleep'>,
  asJson: boolean,
): Promise<void> {
  if (asJson) {
    const text = jsonText({ message: error.message });
    return await whole(socket, error.status, ['Content-Type: application/json'], text, context);
  }
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const lines = [statusLine(error.status), `Content-Type: ${RAW_STREAM}`];
  socket.write(`${headText(lines)}${error.message}\r\n`);
  await finish(socket, gone.signal, context.sleep);
}

/** A reply without a body on a connection that was not hijacked after all. */
export async function hijackEmpty(
  socket: Socket,
  status: number,
  context: Pick<ApiContext, 'headers' | 'sleep'>,
): Promise<void> {
  await whole(socket, status, [], '', context);
}

const statusLine = (status: number): string => `HTTP/1.1 ${status} ${REASONS[status] ?? 'Error'}`;

/** An ordinary HTTP reply, the last one of its connection. */
async function whole(
  socket: Socket,
  status: number,
  headers: readonly string[],
  text: string,
  context: Pick<ApiContext, 'headers' | 'sleep'>,
): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const standard = Object.entries(context.headers).map(([name, value]) => `${name}: ${value}`);
  const length = `Content-Length: ${Buffer.byteLength(text)}`;
  const lines = [statusLine(status), ...standard, ...headers, length, 'Connection: close'];
  socket.write(`${headText(lines)}${text}`);
  await finish(socket, gone.signal, context.sleep);
}

async function finish(
  socket: Socket,
  closed: AbortSignal,
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (socket.destroyed) return;
  // Unread bytes at close would reach the client as a reset behind its last output.
  socket.on('data', () => undefined);
  socket.resume();
  socket.end();
  const enough = new AbortController();
  await Promise.race([closedEvent(socket, closed), sleep(LINGER_MS, enough.signal)]);
  enough.abort();
  socket.destroy();
}

/** Not `once`: that rejects with the error that a client which is gone leaves behind. */
function closedEvent(socket: Socket, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (closed.aborted || socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });
}
