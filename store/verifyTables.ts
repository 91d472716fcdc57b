/**
 * What the derived tables must hold, folded in memory from the stored texts, and the comparison
 * with what they do hold. Shares no code with the writers of those tables, so that it can find
 * their bugs.
 */
import type { Database } from 'better-sqlite3';

/** The columns of a fact that the derived tables follow from; texts as stored. */
export interface FoldedRow {
  readonly position: string;
  readonly stream: string;
  readonly version: string;
  readonly state: string;
  readonly digest: string;
  readonly effects: string;
  readonly answers: string;
  readonly claims: string;
  readonly at_ns: string;
  readonly revision: string;
}

export interface TableProblem {
  readonly table: 'streams' | 'claims' | 'agenda';
  readonly row: string;
  readonly problem: string;
}

export interface TablesFold {
  /** Folds the next fact. Returns what is wrong with it, or undefined. */
  next(row: FoldedRow): string | undefined;
  /** The first difference between the fold and the tables. */
  compare(db: Database): TableProblem | undefined;
}

type Pair = readonly [kind: string, key: string];
type Columns = readonly (string | null)[];
interface Effect {
  readonly type: string;
  readonly params: unknown;
  readonly key?: string;
  readonly ms?: number;
}

/** Each table's rows with the key first (no part of a claim holds a NUL); all columns as text. */
const QUERIES = {
  streams: `SELECT name, CAST(version AS TEXT), CAST(position AS TEXT), value, digest,
    CAST(revision AS TEXT) FROM streams ORDER BY id`,
  claims: `SELECT c.kind || char(0) || c.key, s.name, CAST(c.position AS TEXT)
    FROM claims c LEFT JOIN streams s ON s.id = c.stream ORDER BY c.kind, c.key`,
  agenda: `SELECT a.position || '.' || a.idx, s.name, a.type, a.params, a.key, CAST(a.ms AS TEXT),
    CAST(a.opened_ns AS TEXT), CAST(a.due_ns AS TEXT)
    FROM agenda a LEFT JOIN streams s ON s.id = a.stream ORDER BY a.position, a.idx`,
} as const;

type Tables = { readonly [T in keyof typeof QUERIES]: Map<string, Columns> };

function foldClaims(held: Map<string, Columns>, row: FoldedRow): string | undefined {
  const claims: { take: readonly Pair[]; free: readonly Pair[] } = JSON.parse(row.claims);
  for (const pair of claims.free) {
    const key = pair.join('\0');
    if (held.get(key)?.[0] === row.stream) held.delete(key);
  }
  for (const pair of claims.take) {
    const key = pair.join('\0');
    const holder = held.get(key)?.[0];
    if (holder === undefined) held.set(key, [row.stream, row.position]);
    else if (holder !== row.stream) return `it takes ${pair.join(' ')}, which ${holder} holds`;
  }
  return undefined;
}

function foldAgenda(open: Map<string, Columns>, row: FoldedRow): string | undefined {
  const answers: readonly string[] = JSON.parse(row.answers);
  for (const id of answers) if (!open.delete(id)) return `it answers ${id}, which is not open`;
  const effects: readonly Effect[] = JSON.parse(row.effects);
  for (const [index, { type, params, key = null, ms }] of effects.entries()) {
    if (type === 'cancel') continue;
    const due = ms === undefined ? null : String(BigInt(row.at_ns) + BigInt(ms) * 1_000_000n);
    const duration = ms === undefined ? null : String(ms);
    const columns = [row.stream, type, JSON.stringify(params), key, duration, row.at_ns, due];
    open.set(`${row.position}.${index}`, columns);
  }
  return undefined;
}

function foldStream(streams: Map<string, Columns>, row: FoldedRow): string | undefined {
  const before = Number(streams.get(row.stream)?.[0] ?? 0);
  if (Number(row.version) !== before + 1) {
    return `version ${row.version} of ${row.stream} follows version ${before}`;
  }
  const { version, position, state, digest, revision } = row;
  streams.set(row.stream, [version, position, state, digest, revision]);
  return undefined;
}

function difference(expected: Map<string, Columns>, actual: Map<string, Columns>) {
  for (const [row, columns] of actual) {
    const wanted = expected.get(row);
    if (wanted === undefined) return { row, problem: 'no fact explains it' };
    if (JSON.stringify(wanted) !== JSON.stringify(columns)) {
      return { row, problem: `holds ${JSON.stringify(columns)}, not ${JSON.stringify(wanted)}` };
    }
  }
  for (const row of expected.keys()) if (!actual.has(row)) return { row, problem: 'is missing' };
  return undefined;
}

export function tablesFold(): TablesFold {
  const tables: Tables = { streams: new Map(), claims: new Map(), agenda: new Map() };
  return {
    next(row) {
      try {
        return (
          foldStream(tables.streams, row) ??
          foldClaims(tables.claims, row) ??
          foldAgenda(tables.agenda, row)
        );
      } catch (error) {
        return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
    compare(db) {
      for (const table of ['streams', 'claims', 'agenda'] as const) {
        const rows = db.prepare<[], [string, ...Columns]>(QUERIES[table]).raw().all();
        const actual = new Map(rows.map(([key, ...columns]) => [key, columns]));
        const found = difference(tables[table], actual);
        if (found !== undefined) {
          return { table, row: found.row.replace('\0', ' '), problem: found.problem };
        }
      }
      return undefined;
    },
  };
}
