/**
 * Queries on the read-only connection. Each call runs its statement to the end: none stays open
 * across an await, so a slow caller never holds back a checkpoint. A row that cannot be read is
 * left out, and told (damage.ts).
 */
import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Head } from './append.ts';
import { ZERO_HASH } from './chain.ts';
import { DamagedRowError, type DamageRecord, damageRecord } from './damage.ts';
import { FACT_COLUMNS, type FactRow, storedFact } from './row.ts';
import type { StoredFact, StreamState } from './types.ts';

/** Facts in one page where the caller names no limit. */
export const PAGE_FACTS = 500;

/** Above every character that a stream name may hold. */
const LAST_CHARACTER = '\u{10ffff}';

const FROM_FACTS = `SELECT ${FACT_COLUMNS} FROM facts f JOIN streams s ON s.id = f.stream`;

interface StreamColumns {
  readonly name: string;
  readonly version: number;
  readonly position: number;
  readonly value: string;
  readonly context: string;
  readonly digest: string;
  readonly revision: number;
  readonly final: number;
}

const STREAM_COLUMNS = 'name, version, position, value, context, digest, revision, final';

export interface FactsReader {
  after(position: number, limit?: number): readonly StoredFact[];
  ofStream(stream: string, afterVersion: number): readonly StoredFact[];
  head(): Head;
  positionAt(ns: bigint): number;
}

/** Last position of 1…`last` whose time is at or before `ns`: times increase with positions. */
function searchPosition(last: number, ns: bigint, timeAt: (position: number) => bigint): number {
  let below = 0;
  let above = last + 1;
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (timeAt(middle) <= ns) below = middle;
    else above = middle;
  }
  return below;
}

/** The facts that can be read. */
function readable(rows: readonly FactRow[], damage: DamageRecord): readonly StoredFact[] {
  return rows.flatMap((row) => {
    const where = { table: 'facts', row: String(row.position), stream: row.stream } as const;
    return damage.read(where, () => storedFact(row)) ?? [];
  });
}

export function factsReader(db: Database, damage: DamageRecord = damageRecord()): FactsReader {
  const page = db
    .prepare<[number, number], FactRow>(
      `${FROM_FACTS} WHERE f.position > (SELECT ?) ORDER BY f.position LIMIT (SELECT ?)`,
    )
    .safeIntegers();
  const ofStream = db
    .prepare<[string, number], FactRow>(
      `${FROM_FACTS} WHERE s.name = (SELECT ?) AND f.version > (SELECT ?) ORDER BY f.version`,
    )
    .safeIntegers();
  const last = db
    .prepare<[], Pick<FactRow, 'position' | 'hash' | 'at_ns'>>(
      'SELECT position, hash, at_ns FROM facts ORDER BY position DESC LIMIT 1',
    )
    .safeIntegers();
  const time = db
    .prepare<[number], bigint>('SELECT at_ns FROM facts WHERE position = ?')
    .safeIntegers()
    .pluck();
  const head = (): Head => {
    const row = last.get();
    if (row === undefined) return { position: 0, hash: ZERO_HASH, atNs: 0n };
    return { position: Number(row.position), hash: row.hash, atNs: row.at_ns };
  };
  /** Only an empty page is the end of the log: one of damaged rows alone is passed over. */
  function after(position: number, limit = PAGE_FACTS): readonly StoredFact[] {
    for (let from = position; ; ) {
      const rows = page.all(from, limit);
      const facts = readable(rows, damage);
      const last = rows.at(-1);
      if (facts.length > 0 || last === undefined) return facts;
      from = Number(last.position);
    }
  }
  return {
    after,
    ofStream: (stream, afterVersion) => readable(ofStream.all(stream, afterVersion), damage),
    head,
    positionAt: (ns) => searchPosition(head().position, ns, (at) => time.get(at) ?? ns + 1n),
  };
}

export interface StreamsReader {
  version(stream: string): number;
  readable(stream: string): StreamState | undefined;
  /** Throws `DamagedRowError`. */
  state(stream: string): StreamState | undefined;
  states(prefix: string, withFinal: boolean): readonly StreamState[];
  newestNames(prefix: string, limit: number): readonly string[];
  unproven(): readonly StreamState[];
}

/** The stored texts are mostly canonical JSON already: then their digest needs no parsing. */
function isProven({ value, context, digest }: StreamColumns): boolean {
  const text = `{"context":${context},"value":${value}}`;
  return createHash('sha256').update(text).digest('hex') === digest;
}

function streamState(row: StreamColumns): StreamState {
  return {
    stream: row.name,
    version: row.version,
    position: row.position,
    value: JSON.parse(row.value),
    context: JSON.parse(row.context),
    digest: row.digest,
    revision: row.revision,
    final: row.final === 1,
  };
}

export function streamsReader(db: Database, damage: DamageRecord = damageRecord()): StreamsReader {
  const select = (where: string) =>
    db.prepare<string[], StreamColumns>(`SELECT ${STREAM_COLUMNS} FROM streams WHERE ${where}`);
  const one = select('name = ?');
  const version = db
    .prepare<[string], number>('SELECT version FROM streams WHERE name = ?')
    .pluck();
  // The literal `final = 0` lets SQLite use the partial index.
  const live = select('name >= ? AND name < ? AND final = 0 ORDER BY name');
  const all = select('name >= ? AND name < ? ORDER BY name');
  const open = select('final = 0 ORDER BY name');
  const newest = db
    .prepare<[string, string, number], string>(
      'SELECT name FROM streams WHERE name >= ? AND name < ? ORDER BY position DESC LIMIT ?',
    )
    .pluck();
  const past = (prefix: string): string => `${prefix}${LAST_CHARACTER}`;
  const read = (row: StreamColumns): StreamState | undefined => {
    const where = { table: 'streams', row: row.name, stream: row.name } as const;
    return damage.read(where, () => streamState(row));
  };
  return {
    version: (stream) => version.get(stream) ?? 0,
    readable(stream) {
      const row = one.get(stream);
      return row === undefined ? undefined : read(row);
    },
    state(stream) {
      const row = one.get(stream);
      if (row === undefined) return undefined;
      const state = read(row);
      if (state !== undefined) return state;
      const problem = 'the recorded state is not JSON';
      throw new DamagedRowError({ table: 'streams', row: stream, stream, problem });
    },
    states: (prefix, withFinal) =>
      (withFinal ? all : live).all(prefix, past(prefix)).flatMap((row) => read(row) ?? []),
    newestNames: (prefix, limit) => newest.all(prefix, past(prefix), limit),
    unproven: () => {
      const rows = open.all().filter((row) => !isProven(row));
      return rows.flatMap((row) => read(row) ?? []);
    },
  };
}
