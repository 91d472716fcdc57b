/** A container's recorded output in the form a client gets it: framed, or raw of a terminal. */
import type { LogPage, LogSpan } from '../ports.ts';
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
function detailsOf({ attributes = {} }: LogSpan): string {
  const pairs = Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));
  return `${pairs.map((pair) => pair.map(escaped).join('=')).join(',')} `;
}

/** What stands before each of its lines; of ASCII characters alone. */
function prefixOf(span: LogSpan, { timestamps, details }: Rendering): string {
  const time = timestamps ? `${rfc3339Fixed(span.timeNs)} ` : '';
  return details ? time + detailsOf(span) : time;
}

/** All records of a page, which is copied once if it is not what is wanted already. */
function rendered({ frames, spans }: LogPage, rendering: Rendering): Buffer {
  const { tty, timestamps, details } = rendering;
  if (!tty && !timestamps && !details) return frames;
  const prefixes = spans.map((span) => prefixOf(span, rendering));
  const whole = Buffer.allocUnsafe(
    spans.reduce((sum, { records }, n) => {
      return sum + records * ((prefixes[n] ?? '').length - (tty ? FRAME_HEADER : 0));
    }, frames.length),
  );
  let from = 0;
  let at = 0;
  for (const [n, { stream, records }] of spans.entries()) {
    const prefix = prefixes[n] ?? '';
    for (let left = records; left > 0; left -= 1) {
      const line = from + FRAME_HEADER;
      from = line + frames.readUInt32BE(from + 4);
      if (!tty) at = writeFrameHeader(whole, at, stream, prefix.length + from - line);
      if (prefix !== '') at += whole.write(prefix, at, 'latin1');
      at += frames.copy(whole, at, line, from);
    }
  }
  return whole;
}

/** A page of records as one chunk. An error after the first byte can only travel in the stream. */
export async function* renderedAll(
  pages: AsyncIterable<LogPage>,
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
