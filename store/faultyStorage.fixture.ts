/**
 * A log in memory, and a disk that fails when it is told to, under a file or under memory alike.
 * The faults are those of SQLite at the very statement: what it says of a full, broken, read-only
 * or slow disk, and a crash of the process between two turns.
 */
import Sqlite, { type Database, type Statement } from 'better-sqlite3';
import type { LogStorage } from './storage.ts';

/**
 * Before a transaction, while a fact is written, when it is made durable, when that is undone,
 * while it is read.
 */
export type FaultPoint = 'begin' | 'row' | 'commit' | 'rollback' | 'read';

const POINTS: Readonly<Record<FaultPoint, RegExp>> = {
  begin: /^BEGIN/,
  row: /^INSERT INTO facts/,
  commit: /^COMMIT/,
  rollback: /^ROLLBACK$/,
  read: /^SELECT/,
};

export interface Fault {
  readonly at: FaultPoint;
  /** SQLite's extended result code, such as `SQLITE_IOERR_FSYNC`. */
  readonly code: string;
  /** SQLite rolls back some of its failures by itself. Default: the caller has to. */
  readonly rolledBack?: boolean;
  /** Default: until `calm`. */
  readonly times?: number;
}

export interface FaultyStorage extends LogStorage {
  fail(fault: Fault): void;
  /** No space for facts until the reserve is given up or `calm`. */
  fillDisk(): void;
  /** All works again. */
  calm(): void;
  /** A slow disk: turns are handed to `when` instead, which writes them when it likes. */
  slow(when: (write: () => void) => void): void;
  /**
   * The process dies: what was not committed is lost and nobody is told of it. The storage can be
   * opened again, without faults.
   */
  crash(): void;
}

/** A log that is in no file. It outlives its connection as long as the storage is kept. */
export function memoryStorage(): LogStorage {
  let content: Buffer | undefined;
  let reserved = false;
  return {
    name: ':memory:',
    openWriter() {
      const db = content === undefined ? new Sqlite(':memory:') : new Sqlite(content);
      const close = db.close.bind(db);
      db.close = () => {
        if (db.open) content = db.serialize();
        return close();
      };
      return db;
    },
    openReader: (writer) => writer,
    makeReserve() {
      reserved = true;
      return true;
    },
    dropReserve() {
      const was = reserved;
      reserved = false;
      return was;
    },
    sync: () => undefined,
    turn: (write) => void setImmediate(write),
  };
}

type Raise = (point: FaultPoint, db: Database) => void;

/** Lets `raise` have its say before each statement of a point is run. */
function instrument(db: Database, raise: Raise): void {
  const prepare = db.prepare.bind(db);
  db.prepare = ((sql: string) => {
    const statement: Statement<unknown[]> = prepare(sql);
    const points = Object.entries(POINTS).filter(([, pattern]) => pattern.test(sql));
    for (const [point] of points) {
      for (const method of ['run', 'get', 'all'] as const) {
        const original = statement[method].bind(statement);
        Object.assign(statement, {
          [method]: (...given: unknown[]) => {
            raise(point as FaultPoint, db);
            return original(...given);
          },
        });
      }
    }
    return statement;
  }) as typeof db.prepare;
}

/** `base` with faults: none until one is asked for. */
export function faultyStorage(base: LogStorage = memoryStorage()): FaultyStorage {
  return new Faulty(base);
}

class Faulty implements FaultyStorage {
  readonly name: string;
  readonly #base: LogStorage;
  #faults: { readonly fault: Fault; left: number }[] = [];
  #full = false;
  #when: (write: () => void) => void;
  #connections: Database[] = [];
  /** Which life of the process it is: turns of an earlier one never come. */
  #life = 0;

  constructor(base: LogStorage) {
    this.name = base.name;
    this.#base = base;
    this.#when = base.turn;
  }

  openWriter(): Database {
    return this.#opened(this.#base.openWriter());
  }

  openReader(writer: Database): Database {
    const reader = this.#base.openReader(writer);
    return reader === writer ? writer : this.#opened(reader);
  }

  makeReserve(): boolean {
    return !this.#full && this.#base.makeReserve();
  }

  dropReserve(): boolean {
    const dropped = this.#base.dropReserve();
    if (dropped) this.#faults = this.#faults.filter(({ fault }) => fault.code !== 'SQLITE_FULL');
    return dropped;
  }

  sync(): void {
    this.#base.sync();
  }

  turn(write: () => void): void {
    const life = this.#life;
    this.#when(() => {
      if (life === this.#life) write();
    });
  }

  fail(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  fillDisk(): void {
    this.#full = true;
    this.fail({ at: 'row', code: 'SQLITE_FULL' });
  }

  calm(): void {
    this.#faults = [];
    this.#full = false;
    this.#when = this.#base.turn;
  }

  slow(when: (write: () => void) => void): void {
    this.#when = when;
  }

  crash(): void {
    this.#life += 1;
    this.calm();
    for (const connection of this.#connections.toReversed()) connection.close();
    this.#connections = [];
  }

  #opened(db: Database): Database {
    instrument(db, (point, on) => this.#raise(point, on));
    this.#connections.push(db);
    return db;
  }

  #raise(point: FaultPoint, db: Database): void {
    const found = this.#faults.find(({ fault, left }) => fault.at === point && left > 0);
    if (found === undefined) return;
    found.left -= 1;
    if (found.fault.rolledBack === true && db.inTransaction) db.exec('ROLLBACK');
    throw new Sqlite.SqliteError(`injected at ${point}`, found.fault.code);
  }
}
