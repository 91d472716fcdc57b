/**
 * The execs as inspect shows them, with their whole configuration: a row each. Which of them a
 * client may still see depends on the container, so that is joined in when it is asked.
 */
import type { Database } from 'better-sqlite3';
import type { ExecFact } from '../machines/exec.facts.ts';
import { asExecFact, execIdOfStream, type FoldedFact, type Projection } from './projection.ts';
import type { ExecQueries, ExecView } from './views.ts';

export const execsProjection: Projection = {
  name: 'execs',
  version: 1,
  schema: [
    `CREATE TABLE p_execs (
      id TEXT PRIMARY KEY,
      position INTEGER NOT NULL,
      created_position INTEGER NOT NULL,
      container TEXT NOT NULL,
      run INTEGER NOT NULL,
      config TEXT NOT NULL,
      phase TEXT NOT NULL,
      pid INTEGER NOT NULL DEFAULT 0,
      over INTEGER NOT NULL DEFAULT 0,
      exit_code INTEGER
    ) STRICT, WITHOUT ROWID`,
    'CREATE INDEX p_execs_container ON p_execs (container, created_position)',
  ],
  drop: ['DROP TABLE IF EXISTS p_execs'],
  folds: ['exec.'],
  prepare(db) {
    const create = db.prepare(`INSERT INTO p_execs
        (id, position, created_position, container, run, config, phase)
      VALUES (:id, :position, :position, :container, :run, :config, 'created')
      ON CONFLICT (id) DO NOTHING`);
    const update = prepareUpdates(db);
    return (stored) => {
      const fact = asExecFact(stored);
      if (fact === undefined) return;
      if (fact.type !== 'exec.created') return update(stored, fact);
      const { execId, container, run, config } = fact.data;
      const text = JSON.stringify(config);
      create.run({ id: execId, position: stored.position, container, run, config: text });
    };
  },
};

function prepareUpdates(db: Database): (stored: FoldedFact, fact: ExecFact) => void {
  const set = (columns: string) =>
    db.prepare(`UPDATE p_execs SET position = :position, phase = :phase${columns}
      WHERE id = :id AND position < :position`);
  const phase = set('');
  const started = set(', pid = :pid');
  const over = set(', pid = 0, over = 1, exit_code = :code');
  return (stored, fact) => {
    const key = {
      id: execIdOfStream(stored.stream),
      position: stored.position,
      phase: String(stored.state),
    };
    switch (fact.type) {
      case 'exec.started':
        return void started.run({ ...key, pid: fact.data.pid });
      case 'exec.start-failed':
        return void over.run({ ...key, code: fact.data.exitCode });
      case 'exec.exited':
        return void over.run({ ...key, code: fact.data.code });
      default:
        return void phase.run(key);
    }
  };
}

interface Row {
  readonly id: string;
  readonly container: string;
  readonly config: string;
  readonly phase: string;
  readonly pid: number;
  readonly over: number;
  readonly exit_code: number | null;
}

/**
 * Docker forgets the execs of a container with its exit. Here one can be asked for as long as its
 * container is there, so that an exit code is never lost; only those of the present run are listed.
 */
export function openExecQueries(db: Database): ExecQueries {
  const get = db.prepare<[string], Row>('SELECT * FROM p_execs WHERE id = ?');
  const list = db
    .prepare<[string], string>(
      `SELECT e.id FROM p_execs e JOIN p_containers c ON c.id = e.container AND c.run = e.run
        WHERE e.container = ? AND c.status IN ('running', 'paused') AND e.phase <> 'gone'
        ORDER BY e.created_position`,
    )
    .pluck();
  return {
    get: (id) => {
      const row = get.get(id);
      return row === undefined ? undefined : viewOf(row);
    },
    idsOf: (container) => list.all(container),
  };
}

function viewOf({ id, container, config, phase, pid, over, exit_code }: Row): ExecView {
  const running = phase === 'starting' || phase === 'running';
  const exitCode = exit_code;
  return { id, container, config: JSON.parse(config), running, pid, over: over === 1, exitCode };
}
