/**
 * The native event stream, followed by position: when the connection is lost, the next one goes on
 * right after the last record, so that whoever iterates gets each position exactly once, however
 * often daemon or connection die in between. Records are pulled: a slow reader slows the socket.
 */
import { firstValueFrom, Observable, timer } from 'rxjs';
import type { NativeEvent } from '../../api/openapi.gen.ts';
import type { Host } from '../host.ts';
import { ClientError, type Question } from './exchange.ts';
import { jsonLines } from './lines.ts';

export interface EventsWanted {
  /** First position wanted. Of `from`, `time` and `now` at most one; none: from the first fact. */
  readonly from?: number;
  /** RFC 3339, seconds since 1970, or a duration ago, such as `10m`. */
  readonly time?: string;
  /** Only what comes. */
  readonly now?: boolean;
  /** Last position wanted. */
  readonly to?: number;
  /** Goes on with what comes; without it the iteration ends at the head. */
  readonly follow?: boolean;
  /** Names of streams, or their beginnings. */
  readonly streams?: readonly string[];
  /** Types of facts, or their beginnings. */
  readonly types?: readonly string[];
  /** Ids, prefixes or names. */
  readonly containers?: readonly string[];
  /** `KEY` or `KEY=VALUE`; all must hold. */
  readonly labels?: readonly string[];
  /** `KEY=VALUE`, of kind, uid, gid, pid, executable, userAgent. */
  readonly callers?: readonly string[];
  /** Seconds of silence before a heartbeat. */
  readonly heartbeatSeconds?: number;
  /** Waits for a daemon that is not there yet, instead of failing at the first try. */
  readonly patient?: boolean;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Heartbeats that may be missed before a silent connection counts as lost. */
const MISSED = 3;

function pathOf(wanted: EventsWanted, cursor: number | null): string {
  const query = new URLSearchParams();
  const one = (name: string, value: string | number | boolean | undefined): void => {
    if (value !== undefined && value !== false) query.append(name, String(value));
  };
  if (cursor === null) {
    one('from', wanted.from);
    one('time', wanted.time);
    one('now', wanted.now);
  } else one('from', cursor + 1);
  one('to', wanted.to);
  one('follow', wanted.follow);
  one('heartbeat', wanted.heartbeatSeconds);
  for (const value of wanted.streams ?? []) one('stream', value);
  for (const value of wanted.types ?? []) one('type', value);
  for (const value of wanted.containers ?? []) one('container', value);
  for (const value of wanted.labels ?? []) one('label', value);
  for (const value of wanted.callers ?? []) one('caller', value);
  return `/shiplog/v1/events?${query}`;
}

/** Whether asking again can help: nobody answered, or somebody who can not now. */
const passing = (error: unknown): boolean =>
  !(error instanceof ClientError) || error.status === null || error.status >= 500;

/**
 * Records as they come; as `events` otherwise. The cursor is behind all that was handed over.
 */
async function* pages(
  host: Host,
  wanted: EventsWanted,
  signal: AbortSignal,
): AsyncGenerator<readonly NativeEvent[]> {
  const silenceMs = (wanted.heartbeatSeconds ?? 15) * 1_000 * MISSED;
  let cursor: number | null = null;
  let connected = wanted.patient === true;
  let caughtUp = false;
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs *= 2) {
    try {
      const question: Question = { method: 'GET', path: pathOf(wanted, cursor) };
      for await (const records of jsonLines<NativeEvent>(host, question, silenceMs, signal)) {
        connected = true;
        pauseMs = FIRST_PAUSE_MS;
        cursor = records.at(-1)?.position ?? cursor;
        // Told once, however often the connection was lost on the way.
        yield caughtUp ? records.filter(({ kind }) => kind !== 'caught-up') : records;
        caughtUp ||= records.some(({ kind }) => kind === 'caught-up');
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!connected || !passing(error)) throw error;
    }
    if (caughtUp && wanted.follow !== true) return;
    if (wanted.to !== undefined && (cursor ?? 0) >= wanted.to) return;
    const pause = Math.min(pauseMs, LONGEST_PAUSE_MS);
    await firstValueFrom(timer(pause), { defaultValue: 0 });
  }
}

/**
 * @throws ClientError when the daemon refuses, and at the first try also when it is not there
 * (unless `patient`). After that it resumes for as long as it takes.
 */
export async function* events(
  host: Host,
  wanted: EventsWanted = {},
  signal: AbortSignal = new AbortController().signal,
): AsyncGenerator<NativeEvent> {
  for await (const records of pages(host, wanted, signal)) yield* records;
}

/** The same as an Observable: cold, each subscription has a cursor of its own. */
export function events$(host: Host, wanted: EventsWanted = {}): Observable<NativeEvent> {
  return new Observable((subscriber) => {
    const over = new AbortController();
    const pull = async (): Promise<void> => {
      for await (const records of pages(host, wanted, over.signal)) {
        for (const record of records) {
          if (subscriber.closed) return;
          subscriber.next(record);
        }
      }
    };
    pull().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => over.abort();
  });
}
