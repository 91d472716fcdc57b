/** What the specs of the log share: a temporary log, a clock that stands still, and short facts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Sqlite, { type Database } from 'better-sqlite3';
import { rowHash } from './chain.ts';
import { faultyStorage, memoryStorage } from './faultyStorage.fixture.ts';
import { type OpenedLog, openLog, openLogOn } from './log.ts';
import { FACT_COLUMNS, type FactRow } from './row.ts';
import { fileStorage, type LogStorage } from './storage.ts';
import type { AppendResult, Clock, NewFact, ProjectionPort, StoredFact } from './types.ts';

export const START_NS = 1_700_000_000_123_456_789n;

/** Always the same time: the log itself must make times increase. */
export const stillClock: Clock = { nowNs: () => START_NS };

/** A directory that is gone after the test; returns the path of its `log.db`. */
export function temporaryLog(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'shiplog-store-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'log.db');
}

export interface TestLogOptions {
  readonly clock?: Clock;
  readonly projections?: readonly ProjectionPort<Database>[];
}

export function openTestLog(path: string, options: TestLogOptions = {}): OpenedLog {
  const { clock = stillClock, projections = [] } = options;
  return openLog({ path, clock, projections, newLogId: () => 'log-of-a-test' });
}

/** Opens a temporary log and closes it after the test. */
export function freshLog(t: TestContext, options: TestLogOptions = {}): OpenedLog {
  const log = openTestLog(temporaryLog(t), options);
  t.after(() => log.close());
  return log;
}

/** Each kind of storage there is: what is said of the log holds on all of them. */
const STORAGES: readonly {
  readonly name: string;
  readonly make: (t: TestContext) => LogStorage;
}[] = [
  { name: 'in a file', make: (t) => fileStorage(temporaryLog(t)) },
  { name: 'in memory', make: () => memoryStorage() },
  { name: 'on a disk that may fail', make: () => faultyStorage() },
];

export function openOn(storage: LogStorage, options: TestLogOptions = {}): OpenedLog {
  const { clock = stillClock, projections = [] } = options;
  return openLogOn(storage, { clock, projections, newLogId: () => 'log-of-a-test' });
}

/** Runs the test once for each kind of storage; `fresh` opens a log that is closed after it. */
export function everywhere(
  name: string,
  body: (fresh: (options?: TestLogOptions) => OpenedLog) => void | Promise<void>,
): void {
  for (const { name: where, make } of STORAGES) {
    test(`${name} (${where})`, (t) =>
      body((options) => {
        const log = openOn(make(t), options);
        t.after(() => log.close());
        return log;
      }));
  }
}

/** A fact of `stream` that expects `expect`; everything else may be said. */
export function fact(stream: string, expect: number, more: Partial<NewFact> = {}): NewFact {
  return {
    stream,
    expect,
    type: 'thing.happened',
    data: { n: expect + 1 },
    state: 'here',
    contextText: `{"count":${expect + 1}}`,
    digest: 'd1',
    revision: 1,
    effects: [],
    answers: [],
    take: [],
    free: [],
    cause: { command: 'do' },
    caller: { kind: 'unix', uid: 0 },
    final: false,
    ...more,
  };
}

/** The facts of a successful append; throws with the conflict otherwise. */
export function appended(result: AppendResult): readonly StoredFact[] {
  if (!result.ok) throw new Error(`append failed: ${JSON.stringify(result.conflict)}`);
  return result.facts;
}

/** The conflict of a failed append; throws if it did not fail. */
export function conflictOf(result: AppendResult) {
  if (result.ok) throw new Error('append succeeded');
  return result.conflict;
}

/** Counts facts by type and keeps the last position: enough to see what was folded. */
export function countingProjection(version = 1): ProjectionPort<Database> {
  return {
    name: 'counts',
    version,
    schema: [
      `CREATE TABLE p_counts (
         type TEXT PRIMARY KEY, facts INTEGER NOT NULL, last INTEGER NOT NULL) STRICT`,
    ],
    drop: ['DROP TABLE p_counts'],
    prepare(db) {
      const count = db.prepare(
        `INSERT INTO p_counts (type, facts, last) VALUES (?, 1, ?)
         ON CONFLICT (type) DO UPDATE SET facts = facts + 1, last = excluded.last`,
      );
      return (facts) => {
        for (const { type, position } of facts) count.run(type, position);
      };
    },
  };
}

/**
 * Runs statements on a closed log as an attacker with the file would: no triggers, no foreign keys.
 */
export function tamper(path: string, sql: string): void {
  const db = new Sqlite(path);
  db.pragma('foreign_keys = OFF');
  for (const name of ['facts_no_update', 'facts_no_delete', 'facts_in_order']) {
    db.exec(`DROP TRIGGER IF EXISTS ${name}`);
  }
  db.exec(sql);
  db.close();
}

/** Computes all hashes anew from row 1, as a forger who knows the format would. */
export function rechain(path: string): void {
  const db = new Sqlite(path);
  const rows = db
    .prepare<[], FactRow>(
      `SELECT ${FACT_COLUMNS} FROM facts f JOIN streams s ON s.id = f.stream ORDER BY f.position`,
    )
    .safeIntegers()
    .all();
  let previous: Uint8Array = new Uint8Array(32);
  const update = db.prepare('UPDATE facts SET hash = ? WHERE position = ?');
  for (const row of rows) {
    previous = rowHash(previous, row);
    update.run(previous, row.position);
  }
  db.close();
}
