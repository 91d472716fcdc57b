/**
 * A hijacked connection tied to the live streams of a process: its output goes out, what the client
 * sends goes in. It ends with the output, with the detach keys of a terminal, or when `left` is
 * aborted; then the attachment is given up, and what runs goes on.
 */
import type { Duplex, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { detachFilter } from './detachKeys.ts';
import type { HijackedConnection } from './request.ts';
import { unframe } from './stdcopy.ts';

export interface Session {
  /** Readable side: stdcopy frames. Writable side: raw stdin. */
  readonly live: Duplex;
  /** The client gets the bytes as they were written, without frames. */
  readonly raw: boolean;
  /** What the client sends is for the process; else it is for nobody. */
  readonly stdin: boolean;
  /** Keys that leave a terminal; null: there is no terminal, and no keys do. */
  readonly keys: readonly number[] | null;
}

/** Feeds the client's bytes to the process; the end of input is passed on as well. */
function feed({ live, stdin, keys }: Session, input: Readable, detached: () => void): void {
  if (!stdin) input.resume();
  else if (keys === null) input.pipe(live);
  else input.pipe(detachFilter(keys, detached)).pipe(live);
}

/** Resolves when the output has ended, for whatever reason; nothing is to be done about any. */
async function ended(output: Readable, over: AbortSignal): Promise<void> {
  try {
    await finished(output, { signal: over, writable: false });
  } catch (error) {
    // The attachment was given up, or its stream broke: the client sees the end of output in both.
    if (!(error instanceof Error)) throw error;
  }
}

/** @param detached called when the keys were typed; `left` is aborted then. */
export async function relay(
  session: Session,
  connection: HijackedConnection,
  left: AbortController,
  detached: () => void,
): Promise<void> {
  const { live } = session;
  if (live.readableEnded) return void live.destroy();
  const leave = (): void => left.abort();
  connection.signal.addEventListener('abort', leave, { once: true });
  if (connection.signal.aborted) leave();
  // A stream that breaks is an end like any other, and no reason to leave.
  const broken = new AbortController();
  live.on('error', () => broken.abort());
  live.on('close', () => {
    if (!live.readableEnded) broken.abort();
  });
  try {
    const output = session.raw ? live.pipe(unframe()) : live;
    output.pipe(connection.output, { end: false });
    feed(session, connection.input, () => {
      detached();
      leave();
    });
    await ended(output, AbortSignal.any([left.signal, broken.signal]));
  } finally {
    live.destroy();
  }
}
