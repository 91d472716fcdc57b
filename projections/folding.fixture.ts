/**
 * For specs of read models: an in-memory database and a small log that is folded fact by fact, each
 * one twice, because a fold must not mind that.
 */
import BetterSqlite3, { type Database } from 'better-sqlite3';
import type { JsonValue } from '../machines/words.ts';
import { PROJECTIONS } from './all.ts';
import type { FoldedFact } from './projection.ts';

/** Nanoseconds of position 0; beyond what a number holds, as real times are. */
export const EPOCH_NS = 1_700_000_000_000_000_001n;
const SECOND_NS = 1_000_000_000n;

export interface Folding {
  readonly db: Database;
  readonly facts: readonly FoldedFact[];
  /** Folds a fact one second after the one before. */
  add(stream: string, type: string, data: JsonValue, state: JsonValue): FoldedFact;
}

export function openFolding(): Folding {
  const db = new BetterSqlite3(':memory:');
  for (const statement of PROJECTIONS.flatMap((projection) => projection.schema)) {
    db.exec(statement);
  }
  const folds = PROJECTIONS.map((projection) => projection.prepare(db));
  const facts: FoldedFact[] = [];
  return {
    db,
    facts,
    add(stream, type, data, state) {
      const position = facts.length + 1;
      const fact = { position, stream, type, data, state, atNs: timeOf(position) };
      facts.push(fact);
      for (const fold of [...folds, ...folds]) fold([fact]);
      return fact;
    },
  };
}

export function timeOf(position: number): bigint {
  return EPOCH_NS + BigInt(position) * SECOND_NS;
}

/** Drops all tables, folds the facts again and gives back what the tables hold before and after. */
export function rebuild({ db, facts }: Folding): {
  readonly live: unknown;
  readonly again: unknown;
} {
  const live = dump(db);
  for (const statement of PROJECTIONS.flatMap((one) => [...one.drop, ...one.schema])) {
    db.exec(statement);
  }
  for (const projection of PROJECTIONS) projection.prepare(db)(facts);
  return { live, again: dump(db) };
}

/** All rows of all tables of the read models, in a fixed order. */
export function dump(db: Database): Readonly<Record<string, unknown>> {
  const tables = db
    .prepare<[], string>(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
    .pluck()
    .all();
  return Object.fromEntries(
    tables.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).safeIntegers().raw().all()]),
  );
}

/** What create was given, as little as is needed. */
export function createData(id: string, name: string, config: { [key: string]: JsonValue } = {}) {
  return {
    id,
    name,
    image: { id: `sha256:${'e'.repeat(64)}`, chainId: 'sha256:chain' },
    config: { Image: 'busybox', Cmd: ['sleep', '9'], Entrypoint: null, Labels: {}, ...config },
    hostConfig: { NetworkMode: 'none', AutoRemove: false },
    env: [{ name: 'PATH', digest: 'd1' }],
    platform: 'linux',
    warnings: ['w'],
  };
}

export const exitData = (over: { [key: string]: JsonValue } = {}): JsonValue => ({
  run: 1,
  asked: null,
  code: 0,
  atNs: null,
  oomKilled: false,
  outputEnded: true,
  evidence: 'task status STOPPED',
  ...over,
});

/** A container that was created and, if asked for, started. */
export function given(
  folding: Folding,
  id: string,
  name: string,
  upTo: 'created' | 'running',
): void {
  const stream = `container/${id}`;
  folding.add(stream, 'container.create-requested', createData(id, name), 'creating');
  folding.add(stream, 'container.created', { snapshotter: 'overlayfs' }, { created: 'clean' });
  if (upTo === 'created') return;
  folding.add(stream, 'container.start-requested', { run: 1, restart: false }, 'starting');
  folding.add(stream, 'container.started', { run: 1, pid: 77, restart: false }, 'running');
}
