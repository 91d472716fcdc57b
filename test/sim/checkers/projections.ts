/** The read models: rebuilt from the facts they are the same, and they say what the facts say. */
import Sqlite, { type Database } from 'better-sqlite3';
import { PROJECTIONS } from '../../../projections/all.ts';
import type { Simulated } from '../simulation.ts';
import { at, type Row, streams, word } from './facts.ts';

export function projectionProblems({ log }: Simulated, rows: readonly Row[]): readonly string[] {
  const rebuilt = new Sqlite(':memory:');
  try {
    for (const { schema } of PROJECTIONS) for (const statement of schema) rebuilt.exec(statement);
    const folds = PROJECTIONS.map((projection) => projection.prepare(rebuilt));
    rebuilt.transaction(() => {
      for (const fold of folds) fold(rows);
    })();
    const wrong = tablesOf(rebuilt)
      .filter((table) => dump(rebuilt, table) !== dump(log.reader, table))
      .map((table) => `${table} is another when it is rebuilt`);
    return [...wrong, ...listed(log.reader, rows), ...unique(log.reader)];
  } finally {
    rebuilt.close();
  }
}

function tablesOf(db: Database): readonly string[] {
  const query =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'p\\_%' ESCAPE '\\'";
  return db.prepare<[], string>(query).pluck().all();
}

function dump(db: Database, table: string): string {
  const rows = db.prepare<[], unknown[]>(`SELECT * FROM ${table}`).raw().all();
  const lines = rows.map((row) =>
    JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  );
  return lines.sort().join('\n');
}

/** As `ps -a` shows them: name, run and state of each container that is there. */
function listed(db: Database, rows: readonly Row[]): string[] {
  const query = "SELECT id, name, phase, run FROM p_containers WHERE stage = 'created'";
  const shown = new Map(
    db
      .prepare<[], { id: string; name: string; phase: string; run: number }>(query)
      .all()
      .map((row) => [row.id, row]),
  );
  const wrong: string[] = [];
  for (const [stream, list] of streams(rows, 'container')) {
    const id = stream.slice('container/'.length);
    const there = word(list.at(-1)) !== 'removed';
    const created = list.some(({ type }) => /\.(created|adopted)$/.test(type));
    if ((there && created) !== shown.has(id)) wrong.push(`${stream}: listed ${shown.has(id)}`);
    const row = shown.get(id);
    if (row === undefined) continue;
    const named = list.findLast(({ type }) =>
      /\.(renamed|create-requested|adopt-requested)$/.test(type),
    );
    if (named !== undefined && row.name !== at(named, 'name')) {
      wrong.push(`${stream} is listed as ${row.name}`);
    }
    if (row.phase !== word(list.at(-1))) wrong.push(`${stream} is listed as ${row.phase}`);
  }
  return wrong;
}

function unique(db: Database): string[] {
  const query = `SELECT name FROM p_containers WHERE stage = 'created'
    GROUP BY name HAVING count(*) > 1`;
  const names = db.prepare<[], string>(query).pluck().all();
  return names.map((name) => `two containers are called ${name}`);
}
