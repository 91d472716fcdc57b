/**
 * Checks a log: positions, chain, versions and times of all facts, then that the derived tables are
 * what the facts say, and that secrets match their digests. Changes nothing. Facts never change, so
 * they are read in pages, and only what came meanwhile and the tables in one read transaction: a
 * daemon beside it, and its checkpoints, are not held up by a long log.
 */
import type { Database } from 'better-sqlite3';
import {
  bytesHash,
  CHAINED_BYTES,
  CHAINED_COLUMNS,
  type ChainedColumn,
  ZERO_HASH,
} from './chain.ts';
import { openReader } from './connection.ts';
import { currentVersion, schemaVersion } from './migrations.ts';
import { storedFact } from './row.ts';
import { secretDigest } from './secrets.ts';
import type { StoredFact } from './types.ts';
import { type TablesFold, tablesFold } from './verifyTables.ts';

/** A position and its hash, kept elsewhere: finds a cut at the end of the log. */
export interface Witness {
  readonly position: number;
  /** Hex. */
  readonly hash: string;
}

export type Verification =
  | {
      readonly ok: true;
      readonly facts: number;
      /** Of the newest fact, where there are fewer facts than that. */
      readonly position?: number;
      readonly hash: string;
    }
  /**
   * The first bad row. `table` is `facts`, one that follows from them, `secrets`, or one of a read
   * model (`p_…`); `row` is its position, or its key in the table.
   */
  | {
      readonly ok: false;
      readonly table: string;
      readonly row: string;
      readonly problem: string;
    };

const PAGE_ROWS = 500;

/** The columns of a row, decoded. */
type Columns = { readonly [C in ChainedColumn]: string };

interface StoredRow extends Columns {
  /** The same as they are stored: decoding could hide an edit that is no UTF-8. */
  readonly chained: Buffer;
  readonly hash: Buffer;
}

const textOf = (column: ChainedColumn): string =>
  column === 'stream' ? "coalesce(s.name, '') AS stream" : `CAST(f.${column} AS TEXT) AS ${column}`;

const PAGE = `SELECT ${CHAINED_COLUMNS.map(textOf).join(', ')}, f.hash, ${CHAINED_BYTES} AS chained
  FROM facts f LEFT JOIN streams s ON s.id = f.stream
  WHERE f.position > ? ORDER BY f.position LIMIT ${PAGE_ROWS}`;

type Pages = (after: number) => readonly StoredRow[];

interface Before {
  readonly position: number;
  readonly hash: Buffer;
  readonly atNs: bigint;
}

/** What is wrong with a row that follows `before`, or undefined. */
function rowProblem({ before, tables }: Walk, row: StoredRow): string | undefined {
  if (Number(row.position) !== before.position + 1) {
    return `it follows position ${before.position}`;
  }
  if (row.stream === '') return 'its stream has no name';
  if (!bytesHash(before.hash, row.chained).equals(row.hash)) {
    return 'its hash is not that of its content';
  }
  if (BigInt(row.at_ns) <= before.atNs) return 'its time is not after that of the row before';
  return tables.next(row);
}

function checkSecrets(db: Database): Verification | undefined {
  const rows = db
    .prepare<[], { digest: string; salt: string; value: string }>('SELECT * FROM secrets')
    .all();
  const bad = rows.find(({ digest, salt, value }) => secretDigest(salt, value) !== digest);
  if (bad === undefined) return undefined;
  return {
    ok: false,
    table: 'secrets',
    row: bad.digest,
    problem: 'the value is not of this digest',
  };
}

/** What has been checked so far. */
interface Walk {
  before: Before;
  readonly tables: TablesFold;
  readonly witness: Witness | undefined;
  readonly check: Check | undefined;
}

/** What else is said of each fact; returns what is wrong with it, or undefined. */
export type Check = (fact: StoredFact) => string | undefined;

const bad = (row: string, problem: string): Verification => ({
  ok: false,
  table: 'facts',
  row,
  problem,
});

/** The stored texts as a fact; a problem if they can not be read as one. */
function checkFact(check: Check, row: StoredRow): string | undefined {
  try {
    const integers = {
      position: BigInt(row.position),
      version: BigInt(row.version),
      at_ns: BigInt(row.at_ns),
      revision: BigInt(row.revision),
    };
    return check(storedFact({ ...row, ...integers }));
  } catch (error) {
    return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Goes through one page; the first bad row ends it. */
function walkPage(walk: Walk, rows: readonly StoredRow[]): Verification | undefined {
  for (const row of rows) {
    const { position, hash, at_ns } = row;
    const problem = rowProblem(walk, row);
    if (problem !== undefined) return bad(position, problem);
    const { witness, check } = walk;
    if (Number(position) === witness?.position && hash.toString('hex') !== witness.hash) {
      return bad(position, 'its hash is not the one that the witness saw');
    }
    const checked = check === undefined ? undefined : checkFact(check, row);
    if (checked !== undefined) return bad(position, checked);
    walk.before = { position: Number(position), hash, atNs: BigInt(at_ns) };
  }
  return undefined;
}

/** What is left when all facts but the newest were checked: in one transaction. */
function finish(walk: Walk, db: Database, pages: Pages, last?: Tail): Verification {
  for (let page = pages(walk.before.position); page.length > 0; ) {
    const found = walkPage(walk, page);
    if (found !== undefined) return found;
    page = pages(walk.before.position);
  }
  const { before, witness, tables } = walk;
  if (witness !== undefined && witness.position > before.position) {
    return bad(String(before.position + 1), `is missing: the witness saw ${witness.position}`);
  }
  const derived = tables.compare(db);
  if (derived !== undefined) return { ok: false, ...derived };
  const secret = checkSecrets(db) ?? last?.();
  return secret ?? { ok: true, facts: before.position, hash: before.hash.toString('hex') };
}

/** A last look in the same transaction; returns what is wrong. */
export type Tail = () => Verification | undefined;

export interface VerifyOptions {
  readonly witness?: Witness | undefined;
  readonly check?: Check;
  readonly last?: Tail;
}

/**
 * Verifies in steps: yields the position reached after each page, and returns the outcome. Between
 * two steps no statement and no transaction is open.
 */
export function* verifySteps(
  db: Database,
  { witness, check, last }: VerifyOptions = {},
): Generator<number, Verification> {
  schemaVersion(db, currentVersion());
  const statement = db.prepare<[number], StoredRow>(PAGE);
  const pages: Pages = (after) => statement.all(after);
  const before = { position: 0, hash: Buffer.from(ZERO_HASH), atNs: 0n };
  const walk: Walk = { before, tables: tablesFold(), witness, check };
  // A row with a position below 1 must not be overlooked.
  const beyond = db.prepare<[], number>('SELECT min(position) FROM facts').pluck().get();
  if (typeof beyond === 'number' && beyond < 1) return bad(String(beyond), 'it comes before 1');
  for (let page = pages(0); page.length === PAGE_ROWS; page = pages(walk.before.position)) {
    const found = walkPage(walk, page);
    if (found !== undefined) return found;
    yield walk.before.position;
  }
  return db.transaction(() => finish(walk, db, pages, last)).deferred();
}

/** As `verifyLog`, on a connection to a log; it stays open. */
export function verifyDatabase(db: Database, witness?: Witness): Verification {
  const steps = verifySteps(db, { witness });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Throws `LogTooNewError`, `NotALogError` or SQLite's errors if there is nothing to check. */
export function verifyLog(path: string, witness?: Witness): Verification {
  const db = openReader(path);
  try {
    return verifyDatabase(db, witness);
  } finally {
    db.close();
  }
}
