/**
 * What the derived tables must hold, folded from the stored texts, and the comparison with what
 * they do hold. Shares no code with the writers of those tables, so that it can find their bugs. In
 * memory is what is open, and of each stream its name and version: a long log has many that ended.
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

/** A stream's row, and the fact that it says it follows from; all columns as text. */
const STREAMS = `SELECT s.name, json_array(CAST(s.version AS TEXT), s.value, s.digest,
    CAST(s.revision AS TEXT)), n.name, CAST(f.version AS TEXT), json_array(CAST(f.version AS TEXT),
    f.state, f.digest, CAST(f.revision AS TEXT))
  FROM streams s LEFT JOIN facts f ON f.position = s.position
    LEFT JOIN streams n ON n.id = f.stream ORDER BY s.id`;

type StreamRow = readonly [
  name: string,
  held: string,
  ofFact: string | null,
  version: string | null,
  wanted: string,
];

/** Each table's rows with the key first (no part of a claim holds a NUL); all columns as text. */
const QUERIES = {
  claims: `SELECT c.kind || char(0) || c.key, s.name, CAST(c.position AS TEXT)
    FROM claims c LEFT JOIN streams s ON s.id = c.stream ORDER BY c.kind, c.key`,
  agenda: `SELECT a.position || '.' || a.idx, s.name, a.type, a.params, a.key, CAST(a.ms AS TEXT),
    CAST(a.opened_ns AS TEXT), CAST(a.due_ns AS TEXT)
    FROM agenda a LEFT JOIN streams s ON s.id = a.stream ORDER BY a.position, a.idx`,
} as const;

type Tables = { readonly [T in keyof typeof QUERIES]: Map<string, Columns> };

/** Version of the newest fact of each stream. */
type Versions = Map<string, number>;

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

function foldStream(versions: Versions, { stream, version }: FoldedRow): string | undefined {
  const before = versions.get(stream) ?? 0;
  if (Number(version) !== before + 1)
    return `version ${version} of ${stream} follows version ${before}`;
  versions.set(stream, before + 1);
  return undefined;
}

/**
 * Each version of a stream was seen at one position alone: a row is right if it says what the fact
 * of its newest version says.
 */
function streamsDifference(versions: Versions, db: Database) {
  let known = 0;
  for (const row of db.prepare<[], StreamRow>(STREAMS).raw().iterate()) {
    const [name, held, ofFact, version, wanted] = row;
    const newest = versions.get(name);
    if (newest === undefined) return { row: name, problem: 'no fact explains it' };
    known += 1;
    if (ofFact !== name || Number(version) !== newest) {
      return { row: name, problem: `its position is not that of version ${newest}, the newest` };
    }
    if (held !== wanted) return { row: name, problem: `holds ${held}, not ${wanted}` };
  }
  if (known === versions.size) return undefined;
  const there = db.prepare<[string], number>('SELECT 1 FROM streams WHERE name = ?');
  const missing = [...versions.keys()].find((name) => there.get(name) === undefined);
  return { row: missing ?? '', problem: 'is missing' };
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
  const versions: Versions = new Map();
  const tables: Tables = { claims: new Map(), agenda: new Map() };
  return {
    next(row) {
      try {
        return (
          foldStream(versions, row) ??
          foldClaims(tables.claims, row) ??
          foldAgenda(tables.agenda, row)
        );
      } catch (error) {
        return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
    compare(db) {
      const stream = streamsDifference(versions, db);
      if (stream !== undefined) return { table: 'streams', ...stream };
      for (const table of ['claims', 'agenda'] as const) {
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
