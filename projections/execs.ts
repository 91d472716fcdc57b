/**
 * The execs as inspect shows them, with their whole configuration: a row each. Which of them a
 * client may still see depends on the container, so that is joined in when it is asked. One that is
 * cleaned up is not listed: a container may have had any number of them.
 */
import type { Database } from 'better-sqlite3';
import type { ExecFact } from '../machines/exec.facts.ts';
import { asExecFact, execIdOfStream, type FoldedFact, type Projection } from './projection.ts';
import { batched, openTable, type RowOf, tableSchema } from './table.ts';
import type { ExecQueries, ExecView } from './views.ts';

const COLUMNS = {
  id: 'text',
  position: 'integer',
  created_position: 'integer',
  container: 'text',
  run: 'integer',
  config: 'text',
  phase: 'text',
  pid: 'integer',
  over: 'integer',
  /** 1: it is not cleaned up. */
  listed: 'integer',
  exit_code: 'integer?',
} as const;

type Row = RowOf<typeof COLUMNS>;

export const execsProjection: Projection = {
  name: 'execs',
  version: 4,
  schema: [
    tableSchema('p_execs', COLUMNS),
    `CREATE INDEX p_execs_container ON p_execs (container, created_position) WHERE listed = 1`,
  ],
  drop: ['DROP TABLE IF EXISTS p_execs'],
  folds: ['exec.'],
  prepare(db) {
    const execs = openTable(db, 'p_execs', COLUMNS);
    return batched([execs], (stored) => {
      const fact = asExecFact(stored);
      if (fact === undefined) return;
      const row = execs.get(execIdOfStream(stored.stream));
      if (fact.type === 'exec.created') {
        if (row === undefined) execs.put(rowOf(stored, fact.data));
      } else if (row !== undefined && row.position < stored.position) {
        const phase = String(stored.state);
        execs.put({ ...row, position: stored.position, phase, ...changedBy(fact) });
      }
    });
  },
};

type CreatedData = Extract<ExecFact, { type: 'exec.created' }>['data'];

function rowOf({ position }: FoldedFact, { execId, container, run, config }: CreatedData): Row {
  return {
    id: execId,
    position,
    created_position: position,
    container,
    run,
    config: JSON.stringify(config),
    phase: 'created',
    pid: 0,
    over: 0,
    listed: 1,
    exit_code: null,
  };
}

function changedBy(fact: ExecFact): Partial<Row> {
  switch (fact.type) {
    case 'exec.started':
      return { pid: fact.data.pid };
    case 'exec.start-failed':
      return { pid: 0, over: 1, exit_code: fact.data.exitCode };
    case 'exec.exited':
      return { pid: 0, over: 1, exit_code: fact.data.code };
    case 'exec.cleaned':
      return { listed: 0 };
    default:
      return {};
  }
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
        WHERE e.container = (SELECT ?) AND c.status IN ('running', 'paused') AND e.listed = 1
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
