/**
 * What was so at an earlier position: the name a container had, and when each run began. An event
 * of last Tuesday, read again today, must not show today's name.
 */
import type { Database } from 'better-sqlite3';
import type { EventLookup } from './dockerEvents.ts';
import { openExecQueries } from './execs.ts';
import { openNetworkQueries } from './networks.ts';
import { asContainerFact, idOfStream, type Projection } from './projection.ts';
import { batched } from './table.ts';
import type { ContainerQueries, ImageQueries } from './views.ts';

export const containerHistoryProjection: Projection = {
  name: 'containerHistory',
  version: 2,
  schema: [
    `CREATE TABLE p_container_names (
      id TEXT NOT NULL,
      position INTEGER NOT NULL,
      name TEXT NOT NULL,
      PRIMARY KEY (id, position)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE p_container_runs (
      id TEXT NOT NULL,
      run INTEGER NOT NULL,
      started_ns INTEGER NOT NULL,
      PRIMARY KEY (id, run)
    ) STRICT, WITHOUT ROWID`,
  ],
  drop: ['DROP TABLE IF EXISTS p_container_names', 'DROP TABLE IF EXISTS p_container_runs'],
  folds: ['container.'],
  prepare(db) {
    const named = db.prepare(
      'INSERT INTO p_container_names (id, position, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
    const started = db.prepare(
      'INSERT INTO p_container_runs (id, run, started_ns) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
    return batched([], (stored) => {
      const fact = asContainerFact(stored);
      if (fact === undefined) return;
      const id = idOfStream(stored.stream);
      if (
        fact.type === 'container.create-requested' ||
        fact.type === 'container.adopt-requested' ||
        fact.type === 'container.renamed'
      ) {
        named.run(id, stored.position, fact.data.name);
      } else if (fact.type === 'container.adopted') {
        const { run, atNs } = fact.data;
        if (atNs !== null) started.run(id, run, BigInt(atNs));
      } else if (fact.type === 'container.started') {
        const { run, atNs } = fact.data;
        started.run(id, run, atNs ? BigInt(atNs) : stored.atNs);
      }
    });
  },
};

/** All that dockerEvents needs to tell a fact, old or new, as an event. */
export function openEventLookup(
  db: Database,
  containers: ContainerQueries,
  images: ImageQueries,
): EventLookup {
  const nameAt = db
    .prepare<[string, number], string>(
      `SELECT name FROM p_container_names WHERE id = (SELECT ?) AND position <= (SELECT ?)
        ORDER BY position DESC LIMIT 1`,
    )
    .pluck();
  const startedNs = db
    .prepare<[string, number], bigint>(
      'SELECT started_ns FROM p_container_runs WHERE id = ? AND run = ?',
    )
    .pluck()
    .safeIntegers();
  const labelsAt = db
    .prepare<[string, number], string>(
      `SELECT labels FROM p_container_labels WHERE id = (SELECT ?) AND until > (SELECT ?)
        ORDER BY until LIMIT 1`,
    )
    .pluck();
  const execs = openExecQueries(db);
  const networks = openNetworkQueries(db);
  return {
    exec: (id) => execs.get(id),
    network: (id) => networks.get(id),
    container: (id) => containers.get(id),
    image: (id) => images.get(id),
    nameAt: (id, position) => nameAt.get(id, position),
    labelsAt: (id, position) => {
      const text = labelsAt.get(id, position);
      return text === undefined ? undefined : JSON.parse(text);
    },
    startedNs: (id, run) => startedNs.get(id, run),
  };
}
