/**
 * `GET /shiplog/v1/events`: the facts themselves. A subscriber is a position and nothing else (law
 * 13): a page is read, sent, and the next is read when the client has taken it. What was committed
 * while nobody looked is read later, so there is no gap between history and what comes, and no
 * client is waited for.
 */
import type { ApiContext, ApiRequest, Handler } from '../request.ts';
import { type EventFormat, NDJSON, SERVER_SENT } from './eventLines.ts';
import { type Asked, asked } from './eventQuery.ts';

/** Facts that are read at once: a millisecond or two of the daemon's time. */
const PAGE = 600;

/** Waits for the log to grow, for a beat at most. */
async function awaitMore(
  { tail, sleep }: ApiContext,
  position: number,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const enough = new AbortController();
  const both = AbortSignal.any([enough.signal, signal]);
  await Promise.race([tail.grown(position, both), sleep(ms, both)]);
  enough.abort();
}

interface Page {
  /** Empty: none was wanted. */
  readonly records: string | Buffer;
  /** Last position that was looked at; null: there was nothing. */
  readonly reached: number | null;
}

function page(context: ApiContext, wanted: Asked, format: EventFormat, after: number): Page {
  const room = wanted.to === null ? PAGE : Math.min(PAGE, wanted.to - after);
  const { texts } = context.ports.native;
  const { wants } = wanted;
  if (room <= 0) return { records: '', reached: null };
  if (wants === null && format === NDJSON) {
    const { bytes = '', reached = null } = texts.lines(after, room) ?? {};
    return { records: bytes, reached };
  }
  const facts = texts.after(after, room);
  let records = '';
  for (const fact of facts) if (wants?.(fact) ?? true) records += format.fact(fact);
  return { records, reached: facts.at(-1)?.position ?? null };
}

async function* chunks(
  context: ApiContext,
  wanted: Asked,
  format: EventFormat,
  { signal, info: { caller } }: ApiRequest,
): AsyncGenerator<string | Buffer> {
  let position = wanted.after;
  let toldCaughtUp = false;
  const place = context.ports.subscribers.join(position, { stream: 'native', caller });
  try {
    while (!signal.aborted) {
      const { records, reached } = page(context, wanted, format, position);
      position = reached ?? position;
      if (records.length > 0) yield records;
      // A page without anything to send must not keep the daemon from everybody else.
      else if (reached !== null) await context.sleep(0, signal);
      place.at(position);
      if (reached !== null) continue;
      if (!toldCaughtUp) yield format.mark('caught-up', position);
      toldCaughtUp = true;
      if (!wanted.follow || (wanted.to !== null && position >= wanted.to)) return;
      await awaitMore(context, position, wanted.heartbeatMs, signal);
      if (!signal.aborted && context.ports.log.head() <= position)
        yield format.mark('heartbeat', position);
    }
  } finally {
    place.leave();
  }
}

export const events: Handler = (context, request) => {
  const wanted = asked(context.ports, request);
  const format = wanted.sse ? SERVER_SENT : NDJSON;
  return {
    kind: 'stream',
    status: 200,
    headers: { 'Content-Type': format.contentType, 'Cache-Control': 'no-store' },
    chunks: chunks(context, wanted, format, request),
  };
};
