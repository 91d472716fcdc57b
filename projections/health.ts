/** The health of each container in its latest run that was watched: a row each. */
import type { HealthFact } from '../machines/health.facts.ts';
import { asHealthFact, containerOfStream, type Projection } from './projection.ts';

export const healthProjection: Projection = {
  name: 'health',
  version: 1,
  schema: [
    `CREATE TABLE p_health (
      id TEXT PRIMARY KEY,
      position INTEGER NOT NULL,
      run INTEGER NOT NULL,
      status TEXT NOT NULL,
      streak INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
  ],
  drop: ['DROP TABLE IF EXISTS p_health'],
  folds: ['health.'],
  prepare(db) {
    const begin = db.prepare(`INSERT INTO p_health (id, position, run, status, streak)
      VALUES (:id, :position, :run, 'starting', 0)
      ON CONFLICT (id) DO UPDATE SET position = excluded.position, run = excluded.run,
        status = excluded.status, streak = 0 WHERE position < excluded.position`);
    const set = (columns: string) =>
      db.prepare(`UPDATE p_health SET position = :position${columns}
        WHERE id = :id AND position < :position AND run = :run`);
    const judged = set(', status = :status, streak = :streak');
    const unwatched = set(", status = 'unhealthy'");
    return (stored) => {
      const fact = asHealthFact(stored);
      if (fact === undefined) return;
      const { id, run } = containerOfStream(stored.stream);
      const key = { id, run, position: stored.position };
      if (fact.type === 'health.watched') return void begin.run(key);
      const verdict = verdictOf(fact);
      if (verdict !== undefined) return void judged.run({ ...key, ...verdict });
      // Docker calls what it does not watch any more unhealthy.
      if (fact.type === 'health.suspended' || fact.type === 'health.ended') unwatched.run(key);
    };
  },
};

function verdictOf(fact: HealthFact): { status: string; streak: number } | undefined {
  if (fact.type === 'health.passed') return { status: fact.data.status, streak: 0 };
  if (fact.type !== 'health.failed') return undefined;
  return { status: fact.data.status, streak: fact.data.streak };
}
