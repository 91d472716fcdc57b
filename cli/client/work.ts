/** Long work that the daemon does for a client: it says how far it is, and at last how it ended. */
import type { NativeFailed, NativeProgress } from '../../api/openapi.gen.ts';
import type { Host } from '../host.ts';
import { ClientError, type Question, unreachable } from './exchange.ts';
import { jsonLines } from './lines.ts';

/** Told now and then, at the most a few times a second. */
export type Progress = (done: number, of: number) => void;

/** @throws ClientError when it could not be done, or broke off */
export async function outcome<T extends { readonly kind: string }>(
  host: Host,
  question: Question,
  kind: T['kind'],
  progress: Progress = () => undefined,
): Promise<T> {
  const signal = new AbortController().signal;
  try {
    const lines = jsonLines<T | NativeProgress | NativeFailed>(host, question, null, signal);
    for await (const records of lines) {
      for (const said of records) {
        if (said.kind === 'progress') {
          const { position, of } = said as NativeProgress;
          progress(position, of);
        } else if (said.kind === kind) return said as T;
        else throw new ClientError(200, (said as NativeFailed).message);
      }
    }
  } catch (error) {
    if (error instanceof ClientError || !(error instanceof Error)) throw error;
    throw new ClientError(null, unreachable(host, error));
  }
  throw new ClientError(200, 'the daemon broke off before it was done');
}
