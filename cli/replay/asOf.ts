/**
 * The containers as they were at a position: the read models of the present version, folded up to
 * there in a database beside. Those that were removed since are there, as they were then.
 */
import type { Database } from 'better-sqlite3';
import { PROJECTIONS } from '../../projections/all.ts';
import { openContainerQueries } from '../../projections/containerQueries.ts';
import type {
  ContainerDetails,
  ContainerQueries,
  ContainerSummary,
} from '../../projections/views.ts';
import { factsReader } from '../../store/read.ts';
import { type Bounds, foldedFacts } from '../../store/rebuild.ts';
import type { StoredFact } from '../../store/types.ts';
import { openLogFile } from './logFile.ts';
import { type Beside, beside } from './readModels.ts';

export interface PastContainer {
  readonly details: ContainerDetails;
  /** Of the container and what belongs to it, up to the position, in order. */
  readonly facts: readonly StoredFact[];
}

export type PastResolution =
  | { readonly kind: 'found'; readonly found: PastContainer }
  | { readonly kind: 'none' | 'ambiguous' };

export function* foldTo(db: Database, models: Beside, bounds: Bounds): Generator<number, void> {
  const types = new Set(PROJECTIONS.flatMap(({ folds }) => folds));
  for (const batch of foldedFacts(db, types, undefined, bounds)) {
    models.fold(batch);
    yield batch.at(-1)?.position ?? 0;
  }
}

function* asOf<R>(
  path: string,
  position: number,
  look: (containers: ContainerQueries, db: Database) => R,
): Generator<number, R> {
  const db = openLogFile(path);
  const models = beside();
  try {
    yield* foldTo(db, models, { to: position });
    return look(openContainerQueries(models.db), db);
  } finally {
    models.close();
    db.close();
  }
}

/** Those that were there, newest first. */
export function containersAt(
  path: string,
  position: number,
): Generator<number, readonly ContainerSummary[]> {
  return asOf(path, position, (containers) => containers.list());
}

/** By what was its id, prefix or name then. */
export function containerAt(
  path: string,
  position: number,
  ref: string,
): Generator<number, PastResolution> {
  return asOf(path, position, (containers, db) => {
    const resolution = containers.resolveEver(ref);
    if (resolution.kind !== 'found') return resolution;
    const details = containers.get(resolution.id);
    if (details === undefined) return { kind: 'none' };
    return { kind: 'found', found: { details, facts: familyFacts(db, details.id, position) } };
  });
}

/** `container/<id>`, and `<kind>/<id>/…` of whatever kind. */
export function familyStreams(db: Database, id: string): readonly string[] {
  return db
    .prepare<[string, string], string>(
      `SELECT name FROM streams WHERE name = ? OR instr(name, ?) > 0 ORDER BY id`,
    )
    .pluck()
    .all(`container/${id}`, `/${id}/`);
}

function familyFacts(db: Database, id: string, position: number): readonly StoredFact[] {
  const { ofStream } = factsReader(db);
  return familyStreams(db, id)
    .flatMap((stream) => ofStream(stream, 0))
    .filter((fact) => fact.position <= position)
    .toSorted((a, b) => a.position - b.position);
}
