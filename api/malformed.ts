/**
 * What comes on a connection and is no HTTP: answered once, in the form of Go's server, and closed
 * when the client had a moment to read the answer: bytes that are still unread when a socket closes
 * become a reset, which overtakes it.
 */
import type { Duplex } from 'node:stream';
import type { ApiContext } from './request.ts';

const LINGER_MS = 1_000;

const STATUSES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Request Entity Too Large',
};

/** Whether an answer is under way: what followed its head would be taken for its body. */
function answering(socket: Duplex): boolean {
  // Node's own name for it; it keeps it in no other place.
  const response: unknown = Reflect.get(socket, '_httpMessage');
  if (typeof response !== 'object' || response === null) return false;
  return Reflect.get(response, 'headersSent') === true;
}

function answerOf(code: string, error: Error): string {
  const status = STATUSES[code] ?? '400 Bad Request';
  const said = code === 'HPE_INVALID_EOF_STATE' ? 'unexpected EOF' : error.message;
  const why = code.startsWith('HPE_') ? `: ${said.replace('Parse Error: ', '')}` : '';
  const headers = ['Content-Type: text/plain; charset=utf-8', 'Connection: close'];
  return [`HTTP/1.1 ${status}`, ...headers, '', `${status}${why}`].join('\r\n');
}

export type Malformed = (error: NodeJS.ErrnoException, socket: Duplex) => void;

/** For the event `clientError`. */
export function malformed({ sleep }: Pick<ApiContext, 'sleep'>): Malformed {
  const refused = new WeakSet<Duplex>();

  async function refuse(text: string, socket: Duplex): Promise<void> {
    const closed = new AbortController();
    socket.once('close', () => closed.abort());
    socket.end(text);
    socket.resume();
    await sleep(LINGER_MS, closed.signal);
    socket.destroy();
  }

  return (error, socket) => {
    // Each further piece of such a connection is another error.
    if (refused.has(socket)) return;
    refused.add(socket);
    const code = error.code ?? '';
    if (!socket.writable || code === 'ECONNRESET' || answering(socket)) socket.destroy();
    else void refuse(answerOf(code, error), socket);
  };
}
