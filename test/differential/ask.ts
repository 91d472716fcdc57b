/** One HTTP request to an engine on a unix socket, with whatever body, and its answer as text. */
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** Sent as JSON; a Buffer as a tar archive; a string as it is, called JSON. */
  readonly body?: unknown;
  /** Content-Type of the body, if not the one that fits. */
  readonly type?: string;
}

export interface Answered {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
  readonly bytes: Buffer;
}

const ANSWER_MS = 30_000;

function bytesOf(body: unknown): { readonly bytes: Buffer | undefined; readonly type: string } {
  if (Buffer.isBuffer(body)) return { bytes: body, type: 'application/x-tar' };
  const type = 'application/json';
  if (body === undefined) return { bytes: undefined, type };
  return { bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), type };
}

/** @throws after 30 s without an answer; a body that does not end in time counts as none. */
export function ask(
  socketPath: string,
  { method, path, body, type: said }: Asked,
): Promise<Answered> {
  const { bytes, type } = bytesOf(body);
  const headers =
    bytes === undefined ? {} : { 'content-type': said ?? type, 'content-length': bytes.length };
  return new Promise((resolve, reject) => {
    const options = { socketPath, method, path, headers, timeout: ANSWER_MS, agent: false };
    const asked = request(options, (reply) => {
      buffer(reply).then(
        (all) =>
          resolve({
            status: reply.statusCode ?? 0,
            contentType: reply.headers['content-type'],
            text: all.toString('utf8'),
            bytes: all,
          }),
        reject,
      );
    });
    asked.once('timeout', () => asked.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
    asked.once('error', reject);
    asked.end(bytes);
  });
}
