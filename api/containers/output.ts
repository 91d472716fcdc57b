/** A container's recorded output in the form a client gets it: framed, or raw of a terminal. */
import type { LogRecord } from '../ports.ts';
import { frame, frameHeader } from '../stdcopy.ts';
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

/** Not joined yet: a page is copied once. */
function renderedParts(
  record: LogRecord,
  { tty, timestamps, details }: Rendering,
): readonly Buffer[] {
  const { timeNs, stream, line } = record;
  const prefix =
    (timestamps ? `${rfc3339Fixed(timeNs)} ` : '') + (details ? detailsOf(record) : '');
  // It is of ASCII characters alone.
  const parts = prefix === '' ? [line] : [Buffer.from(prefix, 'latin1'), line];
  if (tty) return parts;
  return [frameHeader(stream, prefix.length + line.length), ...parts];
}

/** A page of records as one chunk. An error after the first byte can only travel in the stream. */
export async function* renderedAll(
  pages: AsyncIterable<readonly LogRecord[]>,
  rendering: Rendering,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    for await (const page of pages) {
      yield Buffer.concat(page.flatMap((record) => renderedParts(record, rendering)));
    }
  } catch (error) {
    if (signal.aborted) return;
    const text = `Error grabbing logs: ${error instanceof Error ? error.message : String(error)}\n`;
    yield rendering.tty ? Buffer.from(text) : frame('error', Buffer.from(text));
  }
}
