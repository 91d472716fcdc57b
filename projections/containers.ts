/**
 * The containers as list and inspect show them. `p_containers` has the row that list needs;
 * `p_container_documents` has what create was given, with what was changed of it since;
 * `p_container_labels` the labels of before each change, up to its position. What a fact makes of a
 * row is in containerRows.ts.
 *
 * A row is never deleted. `stage` says who may see it: `creating` is found by its full id only (so
 * that a create that hangs can be removed), `created` by all, `removed` by `get` alone, and
 * `failed`, a create or an adoption that came to nothing, by nobody.
 */
import type { Database } from 'better-sqlite3';
import type { ContainerFact } from '../machines/container.facts.ts';
import {
  CONTAINER_COLUMNS,
  changedDocument,
  containerAfter,
  DOCUMENT_COLUMNS,
  documentOf,
  relabelled,
  rowOf,
} from './containerRows.ts';
import { asContainerFact, type FoldedFact, idOfStream, type Projection } from './projection.ts';
import { batched, openTable, type RowOf, tableSchema } from './table.ts';

const MOUNTS_COLUMNS = { id: 'text', mounts: 'text' } as const;

export const containersProjection: Projection = {
  name: 'containers',
  version: 6,
  schema: [
    tableSchema('p_containers', CONTAINER_COLUMNS),
    `CREATE INDEX p_containers_listed ON p_containers (created_position) WHERE stage = 'created'`,
    `CREATE INDEX p_containers_prefix ON p_containers (id) WHERE stage = 'created'`,
    `CREATE INDEX p_containers_name ON p_containers (name) WHERE stage = 'created'`,
    `CREATE TABLE p_container_labels (
      id TEXT NOT NULL,
      until INTEGER NOT NULL,
      labels TEXT NOT NULL,
      PRIMARY KEY (id, until)
    ) STRICT, WITHOUT ROWID`,
    tableSchema('p_container_documents', DOCUMENT_COLUMNS),
    tableSchema('p_container_mounts', MOUNTS_COLUMNS),
  ],
  drop: [
    'DROP TABLE IF EXISTS p_containers',
    'DROP TABLE IF EXISTS p_container_documents',
    'DROP TABLE IF EXISTS p_container_mounts',
    'DROP TABLE IF EXISTS p_container_labels',
  ],
  folds: ['container.'],
  prepare: prepareContainers,
};

type ContainerRow = RowOf<typeof CONTAINER_COLUMNS>;

/** After an adoption that failed: nothing of the row before is true of what comes. */
function adoptedAgain(row: ContainerRow, stored: FoldedFact, { type }: ContainerFact): boolean {
  const later = row.position < stored.position;
  return later && row.stage === 'failed' && type === 'container.adopt-requested';
}

function prepareContainers(db: Database): (facts: readonly FoldedFact[]) => void {
  const containers = openTable(db, 'p_containers', CONTAINER_COLUMNS);
  const documents = openTable(db, 'p_container_documents', DOCUMENT_COLUMNS);
  const mounts = openTable(db, 'p_container_mounts', MOUNTS_COLUMNS);
  const labelsBefore = db.prepare<[string, number, string]>(
    'INSERT INTO p_container_labels (id, until, labels) VALUES (?, ?, ?)',
  );

  return batched([containers, documents, mounts], (stored) => {
    const fact = asContainerFact(stored);
    if (fact === undefined) return;
    const id = idOfStream(stored.stream);
    const row = containers.get(id);
    if (fact.type === 'container.create-requested' || fact.type === 'container.adopt-requested') {
      if (row !== undefined && !adoptedAgain(row, stored, fact)) return;
      containers.put(rowOf(id, stored, fact.data));
      documents.put(documentOf(id, fact.data));
      const given = 'mounts' in fact.data ? fact.data.mounts : undefined;
      if (given !== undefined) mounts.put({ id, mounts: JSON.stringify(given) });
      return;
    }
    // A fact that was folded already changes nothing.
    if (row === undefined || row.position >= stored.position) return;
    const after = containerAfter(row, stored, fact);
    if (fact.type !== 'container.updated') return containers.put(after);
    const { labels } = fact.data;
    if (labels !== undefined) labelsBefore.run(id, stored.position, row.labels);
    containers.put(labels === undefined ? after : relabelled(after, labels));
    const document = documents.get(id);
    if (document !== undefined) documents.put(changedDocument(document, fact.data));
  });
}
