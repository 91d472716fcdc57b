/**
 * Checks a log: positions, chain, versions and times of all facts, then that the derived tables are
 * what the facts say, and that secrets match their digests. Changes nothing. One read transaction,
 * so that it may run beside a daemon (whose checkpoints then wait for it).
 */
import type { Database } from 'better-sqlite3';
import { CHAINED_COLUMNS, type ChainedColumn, rowHash, ZERO_HASH } from './chain.ts';
import { openReader } from './connection.ts';
import { currentVersion, schemaVersion } from './migrations.ts';
import { secretDigest } from './secrets.ts';
import { type FoldedRow, type TablesFold, tablesFold } from './verifyTables.ts';

/** A position and its hash, kept elsewhere: finds a cut at the end of the log. */
export interface Witness {
  readonly position: number;
  /** Hex. */
  readonly hash: string;
}

export type Verification =
  | { readonly ok: true; readonly facts: number; readonly hash: string }
  /** The first bad row. `row` is its position, or its key in the table. */
  | {
      readonly ok: false;
      readonly table: 'facts' | 'streams' | 'claims' | 'agenda' | 'secrets';
      readonly row: string;
      readonly problem: string;
    };

const PAGE_ROWS = 500;

type StoredBytes = { readonly [C in ChainedColumn]: Buffer } & { readonly hash: Buffer };

/** CAST to BLOB gives a text's stored bytes undecoded, and an integer's ASCII decimals. */
const PAGE = `SELECT ${CHAINED_COLUMNS.map((column) =>
  column === 'stream'
    ? "CAST(coalesce(s.name, '') AS BLOB) AS stream"
    : `CAST(f.${column} AS BLOB) AS ${column}`,
).join(', ')}, f.hash
  FROM facts f LEFT JOIN streams s ON s.id = f.stream
  WHERE f.position > ? ORDER BY f.position LIMIT ${PAGE_ROWS}`;

function* rowsOf(db: Database): Generator<StoredBytes> {
  const statement = db.prepare<[number], StoredBytes>(PAGE);
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const page = statement.all(after);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = Number(last.position.toString());
  }
}

function texts(row: StoredBytes): FoldedRow {
  const text = (column: ChainedColumn): string => row[column].toString('utf8');
  return {
    position: text('position'),
    stream: text('stream'),
    version: text('version'),
    state: text('state'),
    digest: text('digest'),
    effects: text('effects'),
    answers: text('answers'),
    claims: text('claims'),
    at_ns: text('at_ns'),
    revision: text('revision'),
  };
}

interface Before {
  readonly position: number;
  readonly hash: Buffer;
  readonly atNs: bigint;
}

/** What is wrong with a row that follows `before`, or undefined. */
function rowProblem(before: Before, row: StoredBytes, fold: TablesFold): string | undefined {
  const columns = texts(row);
  if (Number(columns.position) !== before.position + 1) {
    return `it follows position ${before.position}`;
  }
  if (columns.stream === '') return 'its stream has no name';
  if (!rowHash(before.hash, row).equals(row.hash)) return 'its hash is not that of its content';
  if (BigInt(columns.at_ns) <= before.atNs) return 'its time is not after that of the row before';
  return fold.next(columns);
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

function verifyOpen(db: Database, witness: Witness | undefined): Verification {
  const fold = tablesFold();
  let before: Before = { position: 0, hash: Buffer.from(ZERO_HASH), atNs: 0n };
  const bad = (row: string, problem: string): Verification => ({
    ok: false,
    table: 'facts',
    row,
    problem,
  });
  for (const row of rowsOf(db)) {
    const position = row.position.toString();
    const problem = rowProblem(before, row, fold);
    if (problem !== undefined) return bad(position, problem);
    before = { position: Number(position), hash: row.hash, atNs: BigInt(row.at_ns.toString()) };
    if (before.position === witness?.position && row.hash.toString('hex') !== witness.hash) {
      return bad(position, 'its hash is not the one that the witness saw');
    }
  }
  if (witness !== undefined && witness.position > before.position) {
    return bad(String(before.position + 1), `is missing: the witness saw ${witness.position}`);
  }
  const derived = fold.compare(db);
  if (derived !== undefined) return { ok: false, ...derived };
  const secret = checkSecrets(db);
  return secret ?? { ok: true, facts: before.position, hash: before.hash.toString('hex') };
}

/** As `verifyLog`, on a connection to a log; it stays open. */
export function verifyDatabase(db: Database, witness?: Witness): Verification {
  schemaVersion(db, currentVersion());
  return db.transaction(() => verifyOpen(db, witness)).deferred();
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
