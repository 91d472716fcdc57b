/**
 * Runs against what really happened: started once, after it was on record; one exit for each, with
 * the true code and time; unknown only what nobody could know.
 */
import type { Simulated } from '../simulation.ts';
import type { ProcessTruth } from '../truth.ts';
import { at, parts, type Row, streams } from './facts.ts';

export function runProblems(simulated: Simulated, rows: readonly Row[]): readonly string[] {
  const { processes } = simulated.world.truth;
  return [
    ...startedOnce(processes),
    ...onRecordBefore(simulated, rows),
    ...exits(simulated, rows, 'task'),
    ...exits(simulated, rows, 'exec'),
    ...failures(rows),
  ];
}

const nameOf = ({ container, run, exec }: ProcessTruth): string =>
  exec === null ? `task/${container}/${run}` : `exec/${container}/${exec}`;

function startedOnce(processes: readonly ProcessTruth[]): string[] {
  const seen = new Set<string>();
  return processes
    .filter(({ startedAtMs }) => startedAtMs !== null)
    .flatMap((truth) => {
      const name = nameOf(truth);
      const again = seen.has(name);
      seen.add(name);
      return again ? [`${name} was started twice in the world`] : [];
    });
}

const WANTS_END: ReadonlySet<string> = new Set(
  ['stop', 'restart', 'kill', 'remove']
    .map((command) => `container.${command}-requested`)
    .concat('container.stop-timed-out', 'container.start-failed'),
);

/** Write ahead: what is done in the world was durable in the log before. */
function onRecordBefore({ world }: Simulated, rows: readonly Row[]): string[] {
  const { processes, signals } = world.truth;
  const wrong: string[] = [];
  const asked = (container: string, run: number): number =>
    rows.find(
      (row) =>
        row.stream === `container/${container}` &&
        row.type === 'container.start-requested' &&
        at(row, 'run') === run,
    )?.position ?? Number.POSITIVE_INFINITY;
  for (const truth of processes) {
    // Probes are not in the log; health.ts looks at them.
    if (world.truth.probes.has(truth.exec ?? '')) continue;
    if (world.truth.strangers.includes(truth.container)) continue;
    const start = rows.find(
      ({ stream, type }) => stream === nameOf(truth) && type === 'exec.start-requested',
    );
    const position = truth.exec === null ? asked(truth.container, truth.run) : start?.position;
    if (position === undefined || truth.position < position) {
      wrong.push(`${nameOf(truth)} was made at ${truth.position}, on record only at ${position}`);
    }
  }
  for (const { container, run, exec, signal, position } of signals) {
    if (exec !== null || world.truth.strangers.includes(container)) continue;
    const from = asked(container, run);
    const reason = rows.some(
      (row) =>
        row.stream === `container/${container}` &&
        WANTS_END.has(row.type) &&
        row.position > from &&
        row.position <= position,
    );
    if (!reason) wrong.push(`signal ${signal} for task/${container}/${run} without a reason`);
  }
  return wrong;
}

interface History {
  readonly rows: readonly Row[];
  readonly kills: readonly number[];
}

function exits(
  { world: { truth: told } }: Simulated,
  rows: readonly Row[],
  kind: 'task' | 'exec',
): string[] {
  const { kills, probes, strangers } = told;
  const processes = told.processes.filter(
    ({ exec, container }) => !probes.has(exec ?? '') && !strangers.includes(container),
  );
  const wrong: string[] = [];
  const byName = new Map(
    processes.filter(({ startedAtMs }) => startedAtMs !== null).map((t) => [nameOf(t), t]),
  );
  for (const [stream, list] of streams(rows, kind)) {
    if (!list.some(({ type }) => type === `${kind}.started`)) continue;
    const truth = byName.get(stream);
    const exit = list.find(({ type }) => type === `${kind}.exited`);
    if (truth === undefined) wrong.push(`${stream} never ran, and is started in the log`);
    else if (exit === undefined) {
      if (truth.endedAtMs !== null) wrong.push(`${stream} ended ${truth.code}, the log knows not`);
    } else wrong.push(...compare(stream, exit, truth, { rows, kills }));
  }
  for (const [name, truth] of byName) {
    if (!name.startsWith(kind)) continue;
    const known = rows.some(
      ({ stream, type }) => stream === name && /\.(started|start-failed)$/.test(type),
    );
    const failed = rows.some(
      (row) =>
        row.stream === `container/${truth.container}` &&
        row.type === 'container.start-failed' &&
        at(row, 'run') === truth.run,
    );
    if (!known && !failed) wrong.push(`${name} ran, and the log does not say so`);
  }
  return wrong;
}

function compare(
  stream: string,
  exit: Row,
  truth: ProcessTruth,
  history: History,
): readonly string[] {
  const code = at(exit, 'code');
  if (truth.endedAtMs === null) return [`${stream} lives, and has an exit in the log`];
  if (code === null) {
    return truth.lost === null && !givenUp(exit, history)
      ? [`${stream} ended ${truth.code}, and the log calls it unknown: ${at(exit, 'evidence')}`]
      : [];
  }
  if (truth.vanished) return [`${stream} was taken away, and the log says ${code}`];
  if (code !== truth.code) return [`${stream} ended ${truth.code}, the log says ${code}`];
  const atMs = Number(BigInt(String(at(exit, 'atNs'))) / 1_000_000n);
  return atMs === truth.endedAtMs ? [] : [`${stream} ended at ${truth.endedAtMs}, not ${atMs}`];
}

/**
 * A removal by force whose SIGKILL brought no exit in time goes on without it. An exec that ended
 * with its container is read before that is cleaned up; only who is killed in between had no time
 * to put it on record.
 */
function givenUp(exit: Row, { rows, kills }: History): boolean {
  const own = rows.filter(({ stream }) => stream === `container/${parts(exit)[1]}`);
  if (own.some(({ type }) => type === 'container.kill-timed-out')) return true;
  if (exit.type !== 'exec.exited') return false;
  const over = own.find(
    ({ type, position }) => type === 'container.exited' && position < exit.position,
  );
  return kills.some((at) => over !== undefined && over.position <= at && at < exit.position);
}

/** What went wrong in the simulated world has one of these words; others are our own doing. */
const HONEST = new RegExp(
  [
    'no such file',
    'OCI runtime (start|exec) failed',
    'simulated failure',
    'no answer',
    'gone before it was started',
    'is not running',
    // Its shim has died, and the exit is not on record yet.
    'task \\S+: not found',
    'ttrpc: closed',
    'cannot exec in a (paused|stopped) state',
  ].join('|'),
);

function failures(rows: readonly Row[]): string[] {
  return rows
    .filter(({ type }) => /\.(start-failed|create-failed)$/.test(type))
    .filter((row) => !HONEST.test(String(at(row, 'message'))))
    .map((row) => `${row.type} at ${row.position} for no reason: ${at(row, 'message')}`);
}
