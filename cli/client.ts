/**
 * The native API, typed. One connection a question; whoever does not answer in time is said not to.
 */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type {
  NativeContainer,
  NativeReconcileReport,
  NativeReconcileRequest,
  NativeStatus,
} from '../api/openapi.gen.ts';
import { type Host, printHost } from './host.ts';

/** The daemon could not be asked, or refused; the message is for people. */
export class ClientError extends Error {
  /** HTTP status; null: nobody answered. */
  readonly status: number | null;

  constructor(status: number | null, message: string) {
    super(message);
    this.name = 'ClientError';
    this.status = status;
  }
}

export interface Client {
  status(): Promise<NativeStatus>;
  reconcile(asked: NativeReconcileRequest): Promise<NativeReconcileReport>;
  /** By id, unique prefix or name; removed ones by id or prefix. */
  container(ref: string): Promise<NativeContainer>;
}

/** Longer than the daemon itself lets anybody wait. */
const DEADLINE_MS = 120_000;
const BASE = '/shiplog/v1';

export function createClient(host: Host): Client {
  const get = async <T>(path: string): Promise<T> => JSON.parse(await ask(host, 'GET', path));
  return {
    status: () => get(`${BASE}/status`),
    container: (ref) => get(`${BASE}/containers/${encodeURIComponent(ref)}`),
    reconcile: async (asked) =>
      JSON.parse(await ask(host, 'POST', `${BASE}/reconcile`, JSON.stringify(asked))),
  };
}

async function ask(host: Host, method: string, path: string, body?: string): Promise<string> {
  const { status, answer } = await exchange(host, method, path, body);
  if (status === 200) return answer;
  throw new ClientError(status, messageOf(answer) ?? `${method} ${path}: status ${status}`);
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

function exchange(
  host: Host,
  method: string,
  path: string,
  body: string | undefined,
): Promise<{ readonly status: number; readonly answer: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; answer: string }>();
  const where =
    host.kind === 'unix' ? { socketPath: host.path } : { host: host.address, port: host.port };
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const failed = (error: Error): void => reject(new ClientError(null, unreachable(host, error)));
  const asked = request({ ...where, method, path, headers, signal }, (reply) => {
    const status = reply.statusCode ?? 0;
    text(reply).then((answer) => resolve({ status, answer }), failed);
  });
  asked.once('error', failed);
  asked.end(body);
  return promise;
}

function unreachable(host: Host, error: Error): string {
  const where = printHost(host);
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    return `the daemon at ${where} did not answer in ${DEADLINE_MS / 1000} seconds`;
  }
  const reason = 'code' in error ? String(error.code) : error.message;
  return `no shiplog daemon at ${where} (${reason}): is it running, and is that its address?`;
}
