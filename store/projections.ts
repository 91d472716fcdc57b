/**
 * Read models: their tables are made and rebuilt here, and folded in each append's transaction. A
 * model whose tables are missing, whose version differs, or that was left out of an earlier run, is
 * rebuilt from the facts, in one transaction for all of them.
 */
import type { Database } from 'better-sqlite3';
import { type DamageRecord, damageRecord } from './damage.ts';
import { foldedFacts } from './rebuild.ts';
import type { BatchFold, FoldedFact, ProjectionPort } from './types.ts';

type Projection = ProjectionPort<Database>;

/**
 * Version in `projections` of a model that this run does not fold: its tables exist, but are stale.
 */
const STALE = 0;

interface ProjectionRow {
  readonly name: string;
  readonly version: number;
}

function recreate(db: Database, projection: Projection, exists: boolean): void {
  if (exists) for (const statement of projection.drop) db.exec(statement);
  for (const statement of projection.schema) db.exec(statement);
  db.prepare(
    `INSERT INTO projections (name, version) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET version = excluded.version`,
  ).run(projection.name, projection.version);
}

/** Shows each of the models those facts of a batch whose types it folds. */
function foldOver(folds: readonly (readonly [Projection, BatchFold])[]): BatchFold {
  const byType = new Map<string, readonly BatchFold[]>();
  const ofType = (type: string): readonly BatchFold[] => {
    const known = byType.get(type);
    if (known !== undefined) return known;
    const wanting = folds
      .filter(([{ folds }]) => folds?.some((one) => type.startsWith(one)) ?? true)
      .map(([, fold]) => fold);
    byType.set(type, wanting);
    return wanting;
  };
  return (facts) => {
    const shown = new Map<BatchFold, FoldedFact[]>();
    for (const fact of facts) {
      for (const fold of ofType(fact.type)) {
        const its = shown.get(fold);
        if (its === undefined) shown.set(fold, [fact]);
        else its.push(fact);
      }
    }
    for (const [fold, its] of shown) fold(its);
  };
}

function checkDeclared(projections: readonly Projection[]): void {
  const names = new Set(projections.map(({ name }) => name));
  if (names.size < projections.length) throw new TypeError('two projections have one name');
  const wrong = projections.find(({ version }) => !Number.isSafeInteger(version) || version < 1);
  if (wrong !== undefined)
    throw new TypeError(`projection ${wrong.name}: version is not 1 or more`);
}

/** Makes the tables in a database of their own, empty, and returns the fold over all of them. */
export function projectionsBeside(db: Database, projections: readonly Projection[]): BatchFold {
  checkDeclared(projections);
  for (const { schema } of projections) for (const statement of schema) db.exec(statement);
  return foldOver(projections.map((one) => [one, one.prepare(db)] as const));
}

const tablesOf = ({ schema }: Projection): readonly string[] =>
  schema.flatMap((statement) => /^CREATE TABLE (\w+)/.exec(statement)?.[1] ?? []);

/** What the types begin with that any of them folds; undefined: there is one that folds all. */
export function foldedTypes(projections: readonly Projection[]): ReadonlySet<string> | undefined {
  return projections.every(({ folds }) => folds !== undefined)
    ? new Set(projections.flatMap(({ folds }) => folds ?? []))
    : undefined;
}

/** What a rebuild may keep of its tables, in kibibytes: rows come in no order of their keys. */
const ROOM_KIB = 64 * 1024;

function withRoom<T>(db: Database, act: () => T): T {
  const usual = db.pragma('cache_size', { simple: true });
  db.pragma(`cache_size = -${ROOM_KIB}`);
  try {
    return act();
  } finally {
    db.pragma(`cache_size = ${usual}`);
  }
}

/**
 * Makes every projection's tables up to date, and returns the fold over all of them, in the order
 * declared. Throws what a fold throws: then nothing was changed.
 */
export function openProjections(
  db: Database,
  projections: readonly Projection[],
  damage: DamageRecord = damageRecord(),
): BatchFold {
  checkDeclared(projections);
  const open = db.transaction(() => {
    const rows = db.prepare<[], ProjectionRow>('SELECT name, version FROM projections').all();
    const known = new Map(rows.map(({ name, version }) => [name, version]));
    const retire = db.prepare('UPDATE projections SET version = ? WHERE name = ?');
    for (const name of known.keys()) {
      if (!projections.some((one) => one.name === name)) retire.run(STALE, name);
    }
    const tables = new Set(
      db.prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all(),
    );
    const outdated = projections.filter(
      (one) =>
        known.get(one.name) !== one.version || !tablesOf(one).every((name) => tables.has(name)),
    );
    for (const one of outdated) recreate(db, one, known.has(one.name));
    const folds = projections.map((one) => [one, one.prepare(db)] as const);
    const again = folds.filter(([one]) => outdated.includes(one));
    if (again.length > 0) {
      const fold = foldOver(again);
      const types = foldedTypes(again.map(([one]) => one));
      for (const batch of foldedFacts(db, types, damage)) fold(batch);
    }
    return foldOver(folds);
  });
  return withRoom(db, () => open.immediate());
}
