/**
 * The volumes as list and inspect show them. A name has a row for each of its incarnations: of a
 * removed one it keeps what its events need. `doomed`: its container took it along, and it is about
 * to be removed.
 */
import type { Database } from 'better-sqlite3';
import type { VolumeFact } from '../machines/volume.facts.ts';
import {
  asContainerFact,
  asVolumeFact,
  type FoldedFact,
  type Projection,
  volumeOfStream,
} from './projection.ts';
import { batched } from './table.ts';
import type { VolumeQueries, VolumeView } from './views.ts';

export const volumesProjection: Projection = {
  name: 'volumes',
  version: 1,
  schema: [
    `CREATE TABLE p_volumes (
      name TEXT NOT NULL,
      incarnation INTEGER NOT NULL,
      position INTEGER NOT NULL,
      stage TEXT NOT NULL,
      doomed INTEGER NOT NULL DEFAULT 0,
      created_ns INTEGER NOT NULL,
      document TEXT NOT NULL,
      PRIMARY KEY (name, incarnation)
    ) STRICT, WITHOUT ROWID`,
    "CREATE INDEX p_volumes_doomed ON p_volumes (name) WHERE doomed = 1 AND stage = 'present'",
  ],
  drop: ['DROP TABLE IF EXISTS p_volumes'],
  folds: ['volume.', 'container.removed'],
  prepare(db) {
    const fold = prepareFold(db);
    const doom = db.prepare(
      'UPDATE p_volumes SET doomed = 1 WHERE name = :name AND incarnation = :incarnation',
    );
    return batched([], (stored) => {
      const fact = asVolumeFact(stored);
      if (fact !== undefined) return fold(stored, fact);
      const other = asContainerFact(stored);
      if (other?.type !== 'container.removed') return;
      for (const volume of other.data.volumes ?? []) doom.run(volume);
    });
  },
};

function prepareFold(db: Database): (stored: FoldedFact, fact: VolumeFact) => void {
  const create = db.prepare(`INSERT INTO p_volumes
      (name, incarnation, position, stage, created_ns, document)
    VALUES (:name, :incarnation, :position, :stage, :atNs, :document)
    ON CONFLICT (name, incarnation) DO NOTHING`);
  const move = db.prepare(`UPDATE p_volumes SET position = :position, stage = :stage
    WHERE name = :name AND incarnation = :incarnation AND position < :position`);
  return (stored, fact) => {
    const { position, atNs } = stored;
    const key = { ...volumeOfStream(stored.stream), position, stage: String(stored.state) };
    if (fact.type !== 'volume.create-requested') return void move.run(key);
    create.run({ ...key, atNs, document: JSON.stringify(fact.data) });
  };
}

interface VolumeRow {
  readonly stage: string;
  readonly created_ns: bigint;
  readonly document: string;
}

/** Prepares all statements; the tables must exist. */
export function openVolumeQueries(db: Database): VolumeQueries {
  const columns = 'SELECT stage, created_ns, document FROM p_volumes';
  const present = `${columns} WHERE stage = 'present' AND doomed = 0`;
  const all = db.prepare<[], VolumeRow>(`${present} ORDER BY name`).safeIntegers();
  const named = db.prepare<[string], VolumeRow>(`${present} AND name = ?`).safeIntegers();
  const one = db
    .prepare<[string, number], VolumeRow>(`${columns} WHERE name = ? AND incarnation = ?`)
    .safeIntegers();
  const doomed = db
    .prepare<[], VolumeRow>(`${columns} WHERE doomed = 1 AND stage = 'present'`)
    .safeIntegers();
  const newest = db
    .prepare<[string], number | null>('SELECT max(incarnation) FROM p_volumes WHERE name = ?')
    .pluck();
  const made = db
    .prepare<[], VolumeRow>(
      `${present} AND json_extract(document, '$.container') IS NOT NULL ORDER BY name`,
    )
    .safeIntegers();
  const toView = (row: VolumeRow): VolumeView => ({
    ...(JSON.parse(row.document) as Omit<VolumeView, 'createdNs'>),
    createdNs: row.created_ns,
  });
  return {
    list: () => all.all().map(toView),
    get: (name) => named.all(name).map(toView).at(-1),
    ever: ({ name, incarnation }) => one.all(name, incarnation).map(toView)[0],
    newest: (name) => newest.get(name) ?? 0,
    doomed: () => doomed.all().map(toView),
    madeForContainers: () => made.all().map(toView),
  };
}
