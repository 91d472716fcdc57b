/**
 * The containers as they were at a position: the read models of the present version, folded up to
 * there in a database beside. Those that were removed since are there, as they were then. Only the
 * lives of containers are folded that may matter for the answer, as the log's own read models tell:
 * a container is as its own streams say, whatever happened to others.
 */
import type { Database } from 'better-sqlite3';
import { openContainerQueries } from '../../projections/containerQueries.ts';
import type {
  ContainerDetails,
  ContainerQueries,
  ContainerSummary,
} from '../../projections/views.ts';
import { factsReader } from '../../store/read.ts';
import type { StoredFact } from '../../store/types.ts';
import { openLogFile } from './logFile.ts';
import { beside } from './readModels.ts';

export interface PastContainer {
  readonly details: ContainerDetails;
  /** Of the container and what belongs to it, up to the position, in order. */
  readonly facts: readonly StoredFact[];
}

export type PastResolution =
  | { readonly kind: 'found'; readonly found: PastContainer }
  | { readonly kind: 'none' | 'ambiguous' };

/** Lives that are folded at once. */
const LIVES_A_BATCH = 50;

/** Whose streams are named `<kind>/<container>/…`; those of read models of containers first. */
const HEALTH = 'health';
const CHILDREN = [HEALTH, 'task', 'exec'];

/** Facts of a container's stream and of those of its children of these kinds, in order. */
function lives(
  db: Database,
  position: number,
): (id: string, kinds: readonly string[]) => readonly StoredFact[] {
  const { ofStream } = factsReader(db);
  const streams = db
    .prepare<[string, string], string>('SELECT name FROM streams WHERE name >= ? AND name < ?')
    .pluck();
  return (id, kinds) => {
    // '0' is the character after '/'.
    const children = kinds.flatMap((kind) => streams.all(`${kind}/${id}/`, `${kind}/${id}0`));
    return [`container/${id}`, ...children]
      .flatMap((stream) => ofStream(stream, 0))
      .filter((fact) => fact.position <= position)
      .toSorted((a, b) => a.position - b.position);
  };
}

function* foldedLives<R>(
  db: Database,
  position: number,
  ids: readonly string[],
  look: (containers: ContainerQueries) => R,
): Generator<number, R> {
  const models = beside();
  const lifeOf = lives(db, position);
  try {
    for (let at = 0; at < ids.length; at += LIVES_A_BATCH) {
      const batch = ids.slice(at, at + LIVES_A_BATCH);
      models.fold(batch.flatMap((id) => lifeOf(id, [HEALTH])));
      yield Math.floor((position * at) / ids.length);
    }
    return look(openContainerQueries(models.db));
  } finally {
    models.close();
  }
}

/** Those that were there, newest first. */
export function pastContainers(
  db: Database,
  position: number,
): Generator<number, readonly ContainerSummary[]> {
  // The newest fact of one that is gone is that of its removal.
  const ids = db
    .prepare<[number, number], string>(
      `SELECT id FROM p_containers WHERE created_position <= ?
        AND (stage IN ('creating', 'created') OR position > ?)`,
    )
    .pluck()
    .all(position, position);
  return foldedLives(db, position, ids, (containers) => containers.list());
}

/** As `pastContainers`. */
export function* containersAt(
  path: string,
  position: number,
): Generator<number, readonly ContainerSummary[]> {
  const db = openLogFile(path);
  try {
    return yield* pastContainers(db, position);
  } finally {
    db.close();
  }
}

/** All that the reference may have meant then: by id or its beginning, or by a name that it had. */
function meant(db: Database, position: number, ref: string): readonly string[] {
  const name = ref.startsWith('/') ? ref.slice(1) : ref;
  return db
    .prepare<[string, string, number, string, number], string>(
      `SELECT id FROM p_containers WHERE id >= ? AND id < ? || '~' AND created_position <= ?
        UNION SELECT id FROM p_container_names WHERE name = ? AND position <= ?`,
    )
    .pluck()
    .all(ref, ref, position, name, position);
}

/** How many facts `pastContainer` may have to read. */
export function lengthOfPast(db: Database, position: number, ref: string): number {
  const length = db
    .prepare<[string, string, string], number>(
      'SELECT coalesce(sum(version), 0) FROM streams WHERE name = ? OR (name >= ? AND name < ?)',
    )
    .pluck();
  const of = (id: string): number =>
    CHILDREN.reduce(
      (sum, kind) => sum + (length.get('', `${kind}/${id}/`, `${kind}/${id}0`) ?? 0),
      length.get(`container/${id}`, '', '') ?? 0,
    );
  return meant(db, position, ref).reduce((sum, id) => sum + of(id), 0);
}

/** By what was its id, prefix or name then. */
export function pastContainer(
  db: Database,
  position: number,
  ref: string,
): Generator<number, PastResolution> {
  return foldedLives<PastResolution>(db, position, meant(db, position, ref), (containers) => {
    const resolution = containers.resolveEver(ref);
    if (resolution.kind !== 'found') return resolution;
    const details = containers.get(resolution.id);
    if (details === undefined) return { kind: 'none' };
    const facts = lives(db, position)(details.id, CHILDREN);
    return { kind: 'found', found: { details, facts } };
  });
}

/** As `pastContainer`. */
export function* containerAt(
  path: string,
  position: number,
  ref: string,
): Generator<number, PastResolution> {
  const db = openLogFile(path);
  try {
    return yield* pastContainer(db, position, ref);
  } finally {
    db.close();
  }
}
