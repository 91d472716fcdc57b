/**
 * A log as it is kept for later versions: the facts, byte for byte as they were stored (compressed
 * lines, never edited again), and beside them what the tables were that follow from the facts: as
 * lines, so that a change of them is seen when it is reviewed.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import Sqlite, { type Database } from 'better-sqlite3';
import { PROJECTIONS } from '../../projections/all.ts';
import { CHAINED_COLUMNS } from '../../store/chain.ts';
import { openReader } from '../../store/connection.ts';
import { openLog } from '../../store/log.ts';
import { ROOT } from '../tidy/project.ts';

export const RECORDED = join(ROOT, 'test/histories/recorded');

/** A row of a table: integers as decimal text, bytes in hex, in the order of its columns. */
type Cell = string | null;
export type Line = readonly [table: string, ...cells: Cell[]];

const FACTS = `SELECT ${CHAINED_COLUMNS.map((column) =>
  column === 'stream' ? 's.name' : `f.${column}`,
).join(', ')}, f.hash FROM facts f JOIN streams s ON s.id = f.stream ORDER BY f.position`;

/** Tables that follow from the facts, with streams by name and in an order of their own. */
const DERIVED: Readonly<Record<string, string>> = {
  streams: `SELECT name, version, position, value, context, digest, revision, final FROM streams
    ORDER BY id`,
  claims: `SELECT c.kind, c.key, s.name, c.position FROM claims c
    JOIN streams s ON s.id = c.stream ORDER BY c.kind, c.key`,
  agenda: `SELECT a.position, a.idx, s.name, a.type, a.params, a.key, a.ms, a.opened_ns, a.due_ns
    FROM agenda a JOIN streams s ON s.id = a.stream ORDER BY a.position, a.idx`,
};

function cell(value: unknown): Cell {
  if (value === null) return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}

function rows(db: Database, table: string, query: string): readonly Line[] {
  const found = db.prepare<[], unknown[]>(query).raw().safeIntegers().all();
  return found.map((row): Line => [table, ...row.map(cell)]);
}

/** The tables of the projections in alphabetic order, their rows by all columns. */
function projected(db: Database): readonly Line[] {
  const tables = db
    .prepare<[], string>(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'p\\_%' ESCAPE '\\'
       ORDER BY name`,
    )
    .pluck()
    .all();
  return tables.flatMap((table) => {
    const columns = db.prepare(`SELECT * FROM ${table}`).columns();
    const order = columns.map((_, index) => index + 1).join(', ');
    return rows(db, table, `SELECT * FROM ${table} ORDER BY ${order}`);
  });
}

/** The facts of a log, as they are stored. */
export function factLines(path: string): readonly Line[] {
  return withReader(path, (db) => rows(db, 'facts', FACTS));
}

/** What follows from them. */
export function viewLines(path: string): readonly Line[] {
  return withReader(path, (db) => [
    ...Object.entries(DERIVED).flatMap(([table, query]) => rows(db, table, query)),
    ...projected(db),
  ]);
}

function withReader<T>(path: string, read: (db: Database) => T): T {
  const db = openReader(path);
  try {
    return read(db);
  } finally {
    db.close();
  }
}

const text = (lines: readonly Line[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

const parsed = (lines: string): readonly Line[] =>
  lines.split('\n').flatMap((line): Line[] => (line === '' ? [] : [JSON.parse(line)]));

export const packFacts = (lines: readonly Line[]): Buffer => gzipSync(text(lines), { level: 9 });
export const viewText = text;

export interface History {
  readonly name: string;
  readonly facts: readonly Line[];
  readonly views: readonly Line[];
  /** SHA-256 of the facts, not compressed, hex. */
  readonly digest: string;
}

export const factsFile = (name: string): string => join(RECORDED, `${name}.facts.gz`);
export const viewsFile = (name: string): string => join(RECORDED, `${name}.views.jsonl`);
export const digestOfFacts = (lines: readonly Line[]): string =>
  createHash('sha256').update(text(lines)).digest('hex');

export function histories(): readonly History[] {
  const files = readdirSync(RECORDED).filter((file) => file.endsWith('.facts.gz'));
  return files.sort().map((file) => {
    const name = file.slice(0, -'.facts.gz'.length);
    const facts = parsed(gunzipSync(readFileSync(factsFile(name))).toString('utf8'));
    const views = parsed(readFileSync(viewsFile(name), 'utf8'));
    return { name, facts, views, digest: digestOfFacts(facts) };
  });
}

/**
 * Makes a log of recorded facts at `path`: a new one of this version with the rows put into it, hash
 * and all, so that nothing of the store's append is asked about them. Streams, claims and agenda are
 * those that were recorded; the read models are built when it is opened.
 */
export function layOut(path: string, { facts, views }: History): void {
  const clock = { nowNs: () => 1n };
  openLog({ path, clock, projections: [], newLogId: () => 'history' }).close();
  const db = new Sqlite(path);
  try {
    db.transaction(() => {
      const ids = new Map<Cell, number>();
      const stream = db.prepare(
        `INSERT INTO streams (name, version, position, value, context, digest, revision, final)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      );
      for (const [table, name = null, ...cells] of views) {
        if (table === 'streams') ids.set(name, Number(stream.run(name, ...cells).lastInsertRowid));
      }
      const id = (name: Cell | undefined): number => ids.get(name ?? null) ?? 0;
      insertAll(db, facts, views, id);
    })();
  } finally {
    db.close();
  }
}

function insertAll(
  db: Database,
  facts: readonly Line[],
  views: readonly Line[],
  id: (name: Cell | undefined) => number,
): void {
  const marks = Array.from({ length: CHAINED_COLUMNS.length }, () => '?').join(', ');
  const fact = db.prepare(
    `INSERT INTO facts (${CHAINED_COLUMNS.join(', ')}, hash) VALUES (${marks}, ?)`,
  );
  for (const [, position, stream, ...cells] of facts) {
    const hash = Buffer.from(cells.at(-1) ?? '', 'hex');
    fact.run(position, id(stream), ...cells.slice(0, -1), hash);
  }
  const claim = db.prepare('INSERT INTO claims (kind, key, stream, position) VALUES (?, ?, ?, ?)');
  const row = db.prepare(
    `INSERT INTO agenda (position, idx, stream, type, params, key, ms, opened_ns, due_ns)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const [table, first, second, name, ...cells] of views) {
    if (table === 'claims') claim.run(first, second, id(name), ...cells);
    if (table === 'agenda') row.run(first, second, id(name), ...cells);
  }
}

/** Opens the log once with the read models of this version, which are then built from the facts. */
export function buildViews(path: string): void {
  const clock = { nowNs: () => 1n };
  openLog({ path, clock, projections: PROJECTIONS, newLogId: () => 'history' }).close();
}
