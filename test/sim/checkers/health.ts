/**
 * Health against what really happened: each probe on record before it is in the world, one at a
 * time of a container; no verdict that no probe gave; the streak and the status reckoned again;
 * and whatever runs is probed to the end.
 */
import type { Simulated } from '../simulation.ts';
import type { ProcessTruth } from '../truth.ts';
import { at, parts, type Row, streams, word } from './facts.ts';

/** Beside interval and timeout: how long an attempt may take that nobody answers. */
const GRACE_MS = 60_000;

export function healthProblems(simulated: Simulated, rows: readonly Row[]): readonly string[] {
  const { probes, processes } = simulated.world.truth;
  const ran = processes.filter(({ exec }) => probes.has(exec ?? ''));
  return [
    ...onRecord(simulated, ran),
    ...[...streams(rows, 'health')].flatMap(([stream, list]) => [
      ...verdicts(stream, list, ran),
      ...statuses(stream, list),
    ]),
    ...probed(simulated, rows, ran),
  ];
}

function onRecord(simulated: Simulated, ran: readonly ProcessTruth[]): string[] {
  const { probes } = simulated.world.truth;
  const wrong = ran.flatMap(({ container, exec, createdAtMs }) => {
    const known = probes.get(exec ?? '');
    const fine = known?.container === container && known.atMs <= createdAtMs;
    return fine ? [] : [`a probe of ${container} was made before it was on record`];
  });
  for (const [id, task] of simulated.world.containerd.tasks.tasks) {
    const here = [...task.execs.keys()].filter((exec) => probes.has(exec));
    if (here.length > 1) wrong.push(`${here.length} probes of ${id} at once`);
  }
  return wrong;
}

/** A probe of that run that ended so before; -1 needs none. */
function verdicts(stream: string, list: readonly Row[], ran: readonly ProcessTruth[]): string[] {
  return list.filter(judges).flatMap((row) => {
    const code = at(row, 'exitCode');
    if ((row.type === 'health.passed') !== (code === 0))
      return [`${stream}: ${row.type} of ${code}`];
    if (code === -1) return [];
    const [, container, run] = parts(row);
    const untilMs = Number(BigInt(String(at(row, 'atNs'))) / 1_000_000n);
    const given = ran.some(
      (probe) =>
        probe.container === container &&
        String(probe.run) === run &&
        probe.code === code &&
        (probe.endedAtMs ?? Number.POSITIVE_INFINITY) <= untilMs,
    );
    return given ? [] : [`${stream} at ${row.position}: no probe gave ${code}`];
  });
}

const judges = ({ type }: Row): boolean => type === 'health.passed' || type === 'health.failed';

function statuses(stream: string, list: readonly Row[]): string[] {
  const retries = Number(Reflect.get(Object(list[0] && at(list[0], 'check')), 'retries'));
  let status = 'starting';
  let streak = 0;
  return list.flatMap((row) => {
    // As docker shows a container that was frozen.
    if (row.type === 'health.suspended') status = 'unhealthy';
    if (!judges(row)) return [];
    const passed = row.type === 'health.passed';
    streak = passed ? 0 : streak + 1;
    const before = status;
    if (passed) status = 'healthy';
    else if (streak >= retries) status = 'unhealthy';
    const told = [at(row, 'before'), at(row, 'status'), passed ? 0 : at(row, 'streak')];
    const same = String(told) === String([before, status, streak]);
    return same ? [] : [`${stream} at ${row.position}: ${told}, not ${[before, status, streak]}`];
  });
}

/** Nobody's health is forgotten, and nobody's is looked at who does not run. */
function probed(
  simulated: Simulated,
  rows: readonly Row[],
  ran: readonly ProcessTruth[],
): string[] {
  const open = simulated.log.agenda().filter(({ type }) => type === 'health.watch');
  const watched = new Set(open.map(({ stream }) => stream));
  const wanted = new Map<string, Row>();
  for (const [stream, list] of streams(rows, 'health')) {
    const [, container = '', run] = stream.split('/');
    const own = rows.filter((row) => row.stream === `container/${container}`);
    const starts = own.filter(({ type }) => type === 'container.start-requested').length;
    const first = list[0];
    const runs = word(own.at(-1)) === 'running' && String(starts) === run;
    if (runs && first !== undefined) wanted.set(stream, first);
  }
  const wrong = [...wanted.keys()].filter((stream) => !watched.has(stream));
  return [
    ...wrong.map((stream) => `${stream} runs and is not watched`),
    ...[...wanted].flatMap(([stream, row]) => late(simulated, stream, row, ran)),
  ];
}

function late(
  { nowMs }: Simulated,
  stream: string,
  watched: Row,
  ran: readonly ProcessTruth[],
): string[] {
  const [, container, run] = stream.split('/');
  const check: object = Object(at(watched, 'check'));
  const { intervalMs, timeoutMs, argv } = check as {
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly argv: readonly string[];
  };
  // Such a probe never comes to be a process that runs.
  if (argv.some((each) => each === 'missing' || each === 'unstartable')) return [];
  const probes = ran.filter((one) => one.container === container && String(one.run) === run);
  const last = Math.max(0, ...probes.map(({ createdAtMs }) => createdAtMs));
  const since = Number(BigInt(watched.atNs) / 1_000_000n);
  const most = intervalMs + timeoutMs + GRACE_MS;
  const quietMs = nowMs - Math.max(last, since);
  return quietMs <= most ? [] : [`${stream} was not probed for ${quietMs} ms`];
}
