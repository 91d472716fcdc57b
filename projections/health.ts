/** The health of each container in its latest run that was watched: a row each. */
import type { HealthFact } from '../machines/health.facts.ts';
import { asHealthFact, containerOfStream, type Projection } from './projection.ts';
import { batched, openTable, type RowOf, tableSchema } from './table.ts';

const COLUMNS = {
  id: 'text',
  position: 'integer',
  run: 'integer',
  status: 'text',
  streak: 'integer',
} as const;

type Row = RowOf<typeof COLUMNS>;

export const healthProjection: Projection = {
  name: 'health',
  version: 2,
  schema: [tableSchema('p_health', COLUMNS)],
  drop: ['DROP TABLE IF EXISTS p_health'],
  folds: ['health.'],
  prepare(db) {
    const health = openTable(db, 'p_health', COLUMNS);
    return batched([health], (stored) => {
      const fact = asHealthFact(stored);
      if (fact === undefined) return;
      const { id, run } = containerOfStream(stored.stream);
      const row = health.get(id);
      const { position } = stored;
      if (row !== undefined && row.position >= position) return;
      if (fact.type === 'health.watched') {
        health.put({ id, position, run, status: 'starting', streak: 0 });
      } else if (row?.run === run) {
        const change = changedBy(fact);
        if (change !== undefined) health.put({ ...row, position, ...change });
      }
    });
  },
};

function changedBy(fact: HealthFact): (Pick<Row, 'status'> & Partial<Row>) | undefined {
  switch (fact.type) {
    case 'health.passed':
      return { status: fact.data.status, streak: 0 };
    case 'health.failed':
      return { status: fact.data.status, streak: fact.data.streak };
    // Docker calls what it does not watch any more unhealthy.
    case 'health.suspended':
    case 'health.ended':
      return { status: 'unhealthy' };
    default:
      return undefined;
  }
}
