/** A container's recorded output in the form a client gets it: framed, or raw of a terminal. */
import type { LogRecord } from '../ports.ts';
import { FRAME_HEADER, frame, writeFrameHeader } from '../stdcopy.ts';
import { rfc3339Fixed } from '../time.ts';

export interface Rendering {
  readonly tty: boolean;
  readonly timestamps: boolean;
  /** The attributes of each record; a blank stands for none. */
  readonly details: boolean;
}

/** As Go escapes what stands in a query. */
const escaped = (text: string): string =>
  encodeURIComponent(text)
    .replace(/%20/g, '+')
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** `name=value,name=value `, sorted by name. */
function detailsOf({ attributes = {} }: LogRecord): string {
  const pairs = Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));
  return `${pairs.map((pair) => pair.map(escaped).join('=')).join(',')} `;
}

/** What stands before the line; of ASCII characters alone. */
function prefixOf(record: LogRecord, { timestamps, details }: Rendering): string {
  const time = timestamps ? `${rfc3339Fixed(record.timeNs)} ` : '';
  return details ? time + detailsOf(record) : time;
}

/** All records of a page, which is copied once. */
function rendered(page: readonly LogRecord[], rendering: Rendering): Buffer {
  const header = rendering.tty ? 0 : FRAME_HEADER;
  const prefixes = page.map((record) => prefixOf(record, rendering));
  const bytes = page.reduce(
    (sum, { line }, index) => sum + header + (prefixes[index] ?? '').length + line.length,
    0,
  );
  const whole = Buffer.allocUnsafe(bytes);
  let at = 0;
  page.forEach(({ stream, line }, index) => {
    const prefix = prefixes[index] ?? '';
    if (!rendering.tty) at = writeFrameHeader(whole, at, stream, prefix.length + line.length);
    if (prefix !== '') at += whole.write(prefix, at, 'latin1');
    whole.set(line, at);
    at += line.length;
  });
  return whole;
}

/** A page of records as one chunk. An error after the first byte can only travel in the stream. */
export async function* renderedAll(
  pages: AsyncIterable<readonly LogRecord[]>,
  rendering: Rendering,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    for await (const page of pages) {
      yield rendered(page, rendering);
    }
  } catch (error) {
    if (signal.aborted) return;
    const text = `Error grabbing logs: ${error instanceof Error ? error.message : String(error)}\n`;
    yield rendering.tty ? Buffer.from(text) : frame('error', Buffer.from(text));
  }
}
