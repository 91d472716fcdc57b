/** Questions to a daemon over HTTP, and what is said when they fail. */
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Host, printHost } from '../host.ts';

// An import of the module reads all its members, and one of them loads a whole HTTP client.
const { request } = process.getBuiltinModule('node:http');

/** The daemon could not be asked, or refused; the message is for people. */
export class ClientError extends Error {
  /** HTTP status; null: nobody answered. */
  readonly status: number | null;

  constructor(status: number | null, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClientError';
    this.status = status;
  }
}

/** Longer than the daemon itself lets anybody wait; milliseconds. */
const DEADLINE_MS = 120_000;

export interface Question {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The answer's head; its body is still to be read, at the reader's pace.
 * @param signal ends the exchange, body included
 * @throws ClientError for a status other than 2xx, and when nobody answers
 */
export async function open(
  host: Host,
  { method, path, body, headers = {} }: Question,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const where =
    host.kind === 'unix' ? { socketPath: host.path } : { host: host.address, port: host.port };
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const own = { 'User-Agent': 'shiplog-client', ...type, ...headers };
  const asked = request({ ...where, method, path, headers: own, signal }, resolve);
  asked.on('error', (error: Error) => reject(new ClientError(null, unreachable(host, error))));
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const reply = await promise;
  const status = reply.statusCode ?? 0;
  if (status >= 200 && status < 300) return reply;
  const answer = await text(reply);
  throw new ClientError(status, messageOf(answer) ?? `${method} ${path}: status ${status}`);
}

/** One question and its whole answer, as JSON. @throws ClientError */
export async function ask<T>(
  host: Host,
  question: Question,
  deadlineMs: number = DEADLINE_MS,
): Promise<T> {
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    return JSON.parse(await text(await open(host, question, signal)));
  } catch (error) {
    if (error instanceof ClientError || !(error instanceof Error)) throw error;
    throw new ClientError(null, unreachable(host, error));
  }
}

function messageOf(answer: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(answer);
    if (typeof parsed !== 'object' || parsed === null || !('message' in parsed)) return undefined;
    return String(parsed.message);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Why a daemon could not be asked, in words. */
export function unreachable(host: Host, error: Error): string {
  const where = printHost(host);
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    return `the daemon at ${where} did not answer in time`;
  }
  const reason = 'code' in error ? String(error.code) : error.message;
  return `no shiplog daemon at ${where} (${reason}): is it running, and is that its address?`;
}
