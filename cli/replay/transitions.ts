/** A log folded anew, transition by transition, beside what was recorded of each. */
import { FAMILIES } from '../../machines/families.ts';
import { factsReader } from '../../store/read.ts';
import type { Json, StoredFact } from '../../store/types.ts';
import { driftFold } from './drift.ts';
import { openLogFile } from './logFile.ts';

export interface Transition {
  readonly position: number;
  /** Of the last fact that is replayed. */
  readonly head: number;
  /** RFC 3339, to the millisecond. */
  readonly at: string;
  readonly stream: string;
  readonly type: string;
  readonly data: Json;
  /** State values, `absent` before a stream's first fact. */
  readonly before: Json;
  readonly after: Json;
  /** How it folds to something else than the row says; null: it does not. */
  readonly drift: string | null;
}

export interface Replayed {
  readonly facts: number;
  readonly streams: number;
  /** Streams that take further facts. */
  readonly open: number;
}

/** A position, or that of the last fact up to an instant; undefined for what is neither. */
export function untilOf(path: string, text: string): number | undefined {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  const db = openLogFile(path);
  try {
    return factsReader(db).positionAt(BigInt(ms) * 1_000_000n + 999_999n);
  } finally {
    db.close();
  }
}

const moment = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString();

/**
 * @param until last position; null: all of it
 * @throws LogFileError, LogOpenError
 */
export function* transitions(path: string, until: number | null): Generator<Transition, Replayed> {
  const db = openLogFile(path);
  try {
    const reader = factsReader(db);
    const fold = driftFold(FAMILIES);
    const head = Math.min(until ?? Number.MAX_SAFE_INTEGER, reader.head().position);
    let facts = 0;
    for (let page = reader.after(0); page.length > 0; ) {
      for (const fact of page) {
        if (fact.position > head) break;
        facts += 1;
        const before = fold.states.get(fact.stream)?.value ?? 'absent';
        const drift = fold.next(fact) ?? null;
        yield transition(fact, before, drift, head);
      }
      const last = page.at(-1)?.position ?? head;
      page = last >= head ? [] : reader.after(last);
    }
    return { facts, streams: fold.streams(), open: fold.states.size };
  } finally {
    db.close();
  }
}

function transition(
  { position, atNs, stream, type, data, state }: StoredFact,
  before: Json,
  drift: string | null,
  head: number,
): Transition {
  return { position, head, at: moment(atNs), stream, type, data, before, after: state, drift };
}
