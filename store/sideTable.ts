/**
 * What is told and not logged (law 14): events that change no state, and the newest few of a kind
 * for a subject. Bounded, outside of the hash chain, and in a file of its own beside the log: its
 * commits are not synced, so that what comes often costs no disk flush. A crash of the daemon loses
 * nothing of it, one of the host the last moments at most, and without the file the log is whole.
 *
 * events                      a ring: only the newest stay
 * ├─ seq        INTEGER       primary key; ascending, never used again
 * ├─ position   INTEGER       of the log's head when it was told
 * ├─ subject    TEXT          stream that it is about
 * ├─ action     TEXT
 * ├─ attributes TEXT          JSON
 * └─ at_ns      INTEGER       nanoseconds since 1970
 *
 * kept                        as many of a kind as its writer keeps
 * ├─ seq        INTEGER       primary key, ascending
 * ├─ subject    TEXT
 * ├─ kind       TEXT
 * └─ data       TEXT          JSON
 */
import { rmSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import type { Clock, Json } from './types.ts';

/** What is told of a subject. */
export interface SideNote {
  readonly subject: string;
  readonly action: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface SideEvent extends SideNote {
  /** Ascending; events of one position are in its order. */
  readonly seq: number;
  /** The fact of the log after which it comes. */
  readonly position: number;
  readonly atNs: bigint;
}

export interface SideTable {
  /** Tells an event, as of now and of the log's present head. */
  note(note: SideNote): void;
  /** `seq` of the newest event; 0: none. */
  head(): number;
  /** Events after `seq`, oldest first; those that are forgotten are left out. */
  after(seq: number, limit?: number): readonly SideEvent[];
  /** Keeps `data`, and of its subject and kind the newest `most`. */
  keep(subject: string, kind: string, data: Json, most: number): void;
  /** What is kept, oldest first. */
  kept(subject: string, kind: string): readonly Json[];
  /** Drops what is kept of the subject; its events go when their time has come. */
  forget(subject: string): void;
  /** Called after each event with its `seq`. */
  onNote(listener: (seq: number) => void): () => void;
  close(): void;
}

export interface SideTableOptions {
  /** `<data root>/side.db`; its directory must exist. */
  readonly path: string;
  readonly clock: Clock;
  /** The log's present head. */
  position(): number;
  /** Something could not be written, and is lost. */
  failed(error: unknown): void;
  /** How many events stay. */
  readonly most?: number;
}

const MOST_EVENTS = 8_192;
/** Old events are dropped this many at a time. */
const STRIDE = 64;

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL,
    subject TEXT NOT NULL,
    action TEXT NOT NULL,
    attributes TEXT NOT NULL,
    at_ns INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE IF NOT EXISTS kept (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL
  ) STRICT`,
  'CREATE INDEX IF NOT EXISTS kept_subject ON kept (subject, kind, seq)',
];

/** Opens or makes the file. One that is no database any more is made anew: nothing hangs on it. */
export function openSideTable(options: SideTableOptions): SideTable {
  const db = openDatabase(options);
  return { ...events(db, options), ...keeper(db, options), close: () => db.close() };
}

function openDatabase({ path, failed }: SideTableOptions): Database {
  try {
    return prepared(path);
  } catch (error) {
    failed(error);
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    return prepared(path);
  }
}

function prepared(path: string): Database {
  const db = new Sqlite(path, { timeout: 100 });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    for (const statement of SCHEMA) db.exec(statement);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

interface EventRow {
  readonly seq: bigint;
  readonly position: bigint;
  readonly subject: string;
  readonly action: string;
  readonly attributes: string;
  readonly at_ns: bigint;
}

function events(
  db: Database,
  { clock, position, failed, most = MOST_EVENTS }: SideTableOptions,
): Pick<SideTable, 'note' | 'head' | 'after' | 'onNote'> {
  const listeners = new Set<(seq: number) => void>();
  const insert = db.prepare(
    'INSERT INTO events (position, subject, action, attributes, at_ns) VALUES (?, ?, ?, ?, ?)',
  );
  const drop = db.prepare<[number]>('DELETE FROM events WHERE seq <= ?');
  const newest = db.prepare<[], number | null>('SELECT max(seq) FROM events').pluck();
  const after = db
    .prepare<[number, number], EventRow>('SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?')
    .safeIntegers();
  return {
    note({ subject, action, attributes }) {
      try {
        const text = JSON.stringify(attributes);
        const row = insert.run(position(), subject, action, text, clock.nowNs());
        const seq = Number(row.lastInsertRowid);
        if (seq % STRIDE === 0) drop.run(seq - most);
        for (const listener of [...listeners]) listener(seq);
      } catch (error) {
        failed(error);
      }
    },
    head: () => newest.get() ?? 0,
    after: (seq, limit = 500) => after.all(seq, limit).map(toEvent),
    onNote(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function toEvent({ seq, position, subject, action, attributes, at_ns }: EventRow): SideEvent {
  return {
    seq: Number(seq),
    position: Number(position),
    subject,
    action,
    attributes: JSON.parse(attributes) as Readonly<Record<string, string>>,
    atNs: at_ns,
  };
}

function keeper(
  db: Database,
  { failed }: SideTableOptions,
): Pick<SideTable, 'keep' | 'kept' | 'forget'> {
  const insert = db.prepare('INSERT INTO kept (subject, kind, data) VALUES (?, ?, ?)');
  const drop = db.prepare(`DELETE FROM kept WHERE subject = :subject AND kind = :kind
    AND seq <= (SELECT seq FROM kept WHERE subject = :subject AND kind = :kind
      ORDER BY seq DESC LIMIT 1 OFFSET :most)`);
  const all = db
    .prepare<[string, string], string>(
      'SELECT data FROM kept WHERE subject = ? AND kind = ? ORDER BY seq',
    )
    .pluck();
  const forget = db.prepare('DELETE FROM kept WHERE subject = ?');
  const keep = db.transaction((subject: string, kind: string, data: string, most: number) => {
    insert.run(subject, kind, data);
    drop.run({ subject, kind, most });
  });
  const attempt = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      failed(error);
    }
  };
  return {
    keep: (subject, kind, data, most) =>
      attempt(() => keep(subject, kind, JSON.stringify(data), most)),
    kept: (subject, kind) => all.all(subject, kind).map((text) => JSON.parse(text) as Json),
    forget: (subject) => attempt(() => void forget.run(subject)),
  };
}
