/**
 * Containers of somebody else: those that were not adopted are as if there were no daemon, and
 * every look tells of them; those that were have the exit that their process had.
 */
import type { Simulated } from '../simulation.ts';
import type { ProcessTruth } from '../truth.ts';
import { at, type Row, word } from './facts.ts';

export function adoptionProblems(simulated: Simulated, rows: readonly Row[]): readonly string[] {
  return simulated.world.truth.strangers.flatMap((id) => {
    const own = rows.filter(({ stream }) => stream === `container/${id}`);
    const adopted = own.find(({ type }) => type === 'container.adopted');
    return adopted === undefined
      ? leftAlone(simulated, rows, id)
      : [...exit(simulated, rows, id), ...signals(simulated, own, id)];
  });
}

const processOf = ({ world }: Simulated, id: string): ProcessTruth | undefined =>
  world.truth.processes.find(({ container }) => container === id);

function leftAlone(simulated: Simulated, rows: readonly Row[], id: string): string[] {
  const { containerd, truth } = simulated.world;
  const wrong: string[] = [];
  const record = containerd.state.records.get(id);
  if (record === undefined) wrong.push(`the record of ${id} is gone`);
  if (truth.signals.some(({ container }) => container === id)) wrong.push(`${id} was signalled`);
  const process = processOf(simulated, id);
  const task = containerd.tasks.tasks.get(id);
  const nobodys = process === undefined || process.lost !== null || process.vanished;
  if (!nobodys && task === undefined) wrong.push(`the task of ${id} is gone`);
  const last = rows.findLast(({ type }) => type === 'daemon.reconciled');
  const told = String(last && at(last, 'differences'));
  if (!told.includes(id)) wrong.push(`the last look tells nothing of ${id}: ${told}`);
  return wrong;
}

function exit(simulated: Simulated, rows: readonly Row[], id: string): string[] {
  const truth = processOf(simulated, id);
  const exited = rows.find(
    ({ stream, type }) => stream === `task/${id}/1` && type === 'task.exited',
  );
  if (truth === undefined || truth.startedAtMs === null) {
    return exited === undefined ? [] : [`${id} never ran, and has an exit`];
  }
  if (exited === undefined) {
    const awaited = rows.some(({ stream }) => stream === `task/${id}/1`);
    const alive = truth.endedAtMs === null;
    return alive || !awaited ? [] : [`${id} ended ${truth.code}, and the log knows not`];
  }
  const code = at(exited, 'code');
  if (truth.endedAtMs === null) return [`${id} lives, and has an exit`];
  if (code !== null) return code === truth.code ? [] : [`${id} ended ${truth.code}, not ${code}`];
  const givenUp = rows.some(
    ({ stream, type }) => stream === `container/${id}` && type === 'container.kill-timed-out',
  );
  return truth.lost !== null || givenUp ? [] : [`the end of ${id}, ${truth.code}, is unknown`];
}

/** Only what a caller has asked for is done to it, and not before it was ours. */
function signals({ world }: Simulated, own: readonly Row[], id: string): string[] {
  return world.truth.signals.flatMap(({ container, signal, position }) => {
    if (container !== id) return [];
    const reason = own.some(
      (row) =>
        /\.(stop|kill|remove)-requested$|\.stop-timed-out$/.test(row.type) &&
        row.position <= position,
    );
    return reason ? [] : [`signal ${signal} for ${id} without a reason`];
  });
}

/** Those that are ours now. */
export function adoptedIn(rows: readonly Row[]): ReadonlySet<string> {
  return new Set(
    rows
      .filter(({ type }) => type === 'container.adopted')
      .map(({ stream }) => stream.slice('container/'.length)),
  );
}

/** Never ours, or not yet: the state of an adoption that failed is `removed`. */
export const isStrange = (simulated: Simulated, rows: readonly Row[], id: string): boolean =>
  simulated.world.truth.strangers.includes(id) &&
  !adoptedIn(rows).has(id) &&
  word(rows.findLast(({ stream }) => stream === `container/${id}`)) !== 'adopting';
