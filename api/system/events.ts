/**
 * `GET /events`. A subscriber is a position in the log, and one in the side table that is merged in
 * here (law 14), and nothing else: it reads a page, sends it,
 * and reads the next when its client has taken the last one. A slow client costs no memory, and
 * what was committed while nobody looked is not lost. Commits only wake it up.
 */
import { apiError } from '../errors.ts';
import { type Filters, filters } from '../filters.ts';
import type { DockerEvent } from '../options.ts';
import type { ApiContext, ApiRequest, Handler } from '../request.ts';
import { grown } from '../tail.ts';
import { timestamp } from '../time.ts';
import { type ApiVersion, before } from '../versions.ts';
import { fits } from './eventFilters.ts';
import { eventLine } from './eventMessage.ts';
import { ToldEvents } from './toldEvents.ts';

interface Span {
  /** What is not wanted any more: facts up to the position, side events up to the number. */
  readonly from: { readonly position: number; readonly seq: number };
  readonly sinceNs: bigint | null;
  readonly untilNs: bigint | null;
}

/** Without bounds: from now on. With `until` alone: from the first fact on. */
function span({ ports }: ApiContext, query: URLSearchParams): Span {
  const sinceNs = timestamp(query, 'since');
  const untilNs = timestamp(query, 'until');
  if (sinceNs !== null && untilNs !== null && untilNs < sinceNs) {
    const [since, until] = [query.get('since'), query.get('until')];
    const message = `\`since\` time (${since}) cannot be after \`until\` time (${until})`;
    throw apiError('bad-parameter', { message });
  }
  if (sinceNs !== null) {
    return { from: { position: ports.log.positionAt(sinceNs), seq: 0 }, sinceNs, untilNs };
  }
  const now = { position: ports.log.head(), seq: ports.side.head() };
  return { from: untilNs === null ? now : { position: 0, seq: 0 }, sinceNs, untilNs };
}

/**
 * Waits for the log or the side table to grow, but not beyond `until`. False: the time is up, or
 * the client is gone.
 */
async function awaitMore(
  context: ApiContext,
  { position, seq }: ToldEvents,
  untilNs: bigint | null,
  signal: AbortSignal,
): Promise<boolean> {
  const enough = new AbortController();
  const give = () => enough.abort();
  signal.addEventListener('abort', give, { once: true });
  const waits = [
    context.tail.grown(position, enough.signal),
    grown(context.ports.side, seq, enough.signal),
  ];
  if (untilNs !== null) {
    const ms = Number((untilNs - context.ports.ambient.nowNs()) / 1_000_000n) + 1;
    // A timer of Node's holds 31 bits of milliseconds; a longer wait is taken in pieces.
    waits.push(context.sleep(Math.min(Math.max(ms, 0), 2 ** 31 - 1), enough.signal));
  }
  await Promise.race(waits);
  give();
  signal.removeEventListener('abort', give);
  if (signal.aborted) return false;
  return untilNs === null || context.ports.ambient.nowNs() <= untilNs;
}

async function* eventsOf(
  context: ApiContext,
  { from, sinceNs, untilNs }: Span,
  { signal, info: { caller } }: ApiRequest,
): AsyncGenerator<DockerEvent> {
  const told = new ToldEvents(context.ports.log, context.ports.side, from);
  const place = context.ports.subscribers.join(from.position, { stream: 'docker', caller });
  let open = true;
  try {
    while (!signal.aborted) {
      let empty = true;
      for (const one of told.page()) {
        empty = false;
        const { atNs } = one.kind === 'fact' ? one.fact : one.event;
        if (sinceNs !== null && atNs <= sinceNs) continue;
        if (untilNs !== null && atNs > untilNs) return;
        yield* one.kind === 'fact' ? context.dockerEvents(one.fact) : context.sideEvents(one.event);
      }
      // After the end of the time one more read has found all that was committed within it.
      if (empty && !open) return;
      place.at(told.position);
      if (empty) open = await awaitMore(context, told, untilNs, signal);
    }
  } finally {
    place.leave();
  }
}

interface Format {
  readonly contentType: string;
  readonly prefix: string;
}

/** By what the client accepts; else lines of JSON, which had no name of their own below 1.52. */
function format(request: ApiRequest): Format {
  const accepted = request.headers.accept ?? '';
  if (before(request.version, '1.52')) return { contentType: 'application/json', prefix: '' };
  if (accepted.includes('application/json-seq'))
    return { contentType: 'application/json-seq', prefix: '\x1e' };
  const ndjson = accepted.includes('application/x-ndjson');
  return { contentType: ndjson ? 'application/x-ndjson' : 'application/jsonl', prefix: '' };
}

async function* lines(
  found: AsyncIterable<DockerEvent>,
  given: Filters,
  version: ApiVersion,
  prefix: string,
): AsyncGenerator<string> {
  for await (const event of found) if (fits(event, given)) yield prefix + eventLine(event, version);
}

export const events: Handler = (context, request) => {
  const given = filters(request.query);
  const found = eventsOf(context, span(context, request.query), request);
  const { contentType, prefix } = format(request);
  return {
    kind: 'stream',
    status: 200,
    headers: { 'Content-Type': contentType },
    chunks: lines(found, given, request.version, prefix),
  };
};
