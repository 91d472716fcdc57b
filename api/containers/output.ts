/** A container's recorded output in the form a client gets it: framed, or raw of a terminal. */
import type { LogRecord } from '../ports.ts';
import { frame } from '../stdcopy.ts';
import { rfc3339Fixed } from '../time.ts';

export interface Rendering {
  readonly tty: boolean;
  readonly timestamps: boolean;
  /** Attributes of a record are not kept yet; a blank stands for none. */
  readonly details: boolean;
}

export function rendered(record: LogRecord, { tty, timestamps, details }: Rendering): Buffer {
  const prefix = (timestamps ? `${rfc3339Fixed(record.timeNs)} ` : '') + (details ? ' ' : '');
  const line =
    prefix === '' ? record.line : Buffer.concat([Buffer.from(prefix, 'utf8'), record.line]);
  return tty ? line : frame(record.stream, line);
}

/** Records as chunks. An error after the first byte can only travel inside the stream. */
export async function* renderedAll(
  records: AsyncIterable<LogRecord>,
  rendering: Rendering,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    for await (const record of records) yield rendered(record, rendering);
  } catch (error) {
    if (signal.aborted) return;
    const text = `Error grabbing logs: ${error instanceof Error ? error.message : String(error)}\n`;
    yield rendering.tty ? Buffer.from(text) : frame('error', Buffer.from(text));
  }
}
