/** After quiet: the log's picture is containerd's, and nothing else is left in the world. */

import type { Simulated } from '../simulation.ts';
import { SNAPSHOTTER } from '../world.ts';
import { adoptedIn, isStrange } from './adoption.ts';
import { at, parts, type Row, streams, word } from './facts.ts';

/** Containers that should have something in the world: their state, and their newest run. */
interface Expected {
  readonly state: string;
  readonly run: number;
}

export function worldProblems(simulated: Simulated, rows: readonly Row[]): readonly string[] {
  const expected = new Map<string, Expected>();
  const wrong: string[] = [...simulated.world.truth.violations];
  for (const [stream, list] of streams(rows, 'container')) {
    const state = word(list.at(-1));
    // Its adoption failed: it is nobody's, and may be asked for again.
    if (list.at(-1)?.type === 'container.adopt-failed' && state === 'absent') continue;
    const run = list.findLast(({ type }) => /\.(start-requested|adopted)$/.test(type));
    const id = stream.slice('container/'.length);
    if (!RESTS.test(state)) wrong.push(`${stream} rests in ${state}`);
    if (state !== 'removed') expected.set(id, { state, run: run ? Number(at(run, 'run')) : 0 });
  }
  return [
    ...wrong,
    ...tasks(simulated, expected, rows),
    ...held(simulated, expected, rows),
    ...files(simulated, expected, rows),
  ];
}

const RESTS = /^(removed|created\.clean|exited\.clean|restarting\.waiting|running|paused)$/;
const LIVES = /^(running|paused)$/;

function tasks(
  simulated: Simulated,
  expected: ReadonlyMap<string, Expected>,
  rows: readonly Row[],
): string[] {
  const { world } = simulated;
  const wrong: string[] = [];
  const { state, tasks: service } = world.containerd;
  const adopted = adoptedIn(rows);
  for (const [id, { state: logged, run }] of expected) {
    const task = service.tasks.get(id);
    const status = task?.init.taskStatus() ?? 'absent';
    const wanted = LIVES.test(logged) ? logged : 'absent';
    if (status !== wanted) wrong.push(`${id} is ${logged} in the log, its task ${status}`);
    const label = state.records.get(id)?.labels['shiplog.run'];
    // All that there is of one that was adopted before it was started.
    const idle = adopted.has(id) && logged === 'created.clean';
    const labelled = idle || LIVES.test(logged) ? String(run) : undefined;
    if (label !== labelled) wrong.push(`${id} is ${logged} in run ${run}, its record ${label}`);
    if (adopted.has(id)) continue;
    if (task !== undefined && task.init.truth.run !== run) {
      wrong.push(`the task of ${id} is of run ${task.init.truth.run}, the log of run ${run}`);
    }
    const asked = [...(task?.execs.keys() ?? [])].filter((exec) => !world.truth.probes.has(exec));
    wrong.push(...execs(id, asked, rows));
  }
  const strangers = [
    ...state.records.keys(),
    ...service.tasks.keys(),
    ...service.shims.keys(),
  ].filter((id) => !expected.has(id) && !isStrange(simulated, rows, id));
  return [...wrong, ...strangers.map((id) => `${id} is left in containerd`)];
}

function execs(id: string, present: readonly string[], rows: readonly Row[]): string[] {
  const running = rows
    .filter(({ stream, type }) => stream.startsWith(`exec/${id}/`) && type === 'exec.started')
    .filter((row) => !rows.some((o) => o.stream === row.stream && o.type === 'exec.exited'))
    .map((row) => parts(row)[2]);
  if (String([...present].sort()) === String(running.sort())) return [];
  return [`execs of ${id}: ${present} in the world, ${running} in the log`];
}

function held(
  { world }: Simulated,
  expected: ReadonlyMap<string, Expected>,
  rows: readonly Row[],
): string[] {
  const { leases, snapshots } = world.containerd.state;
  const images = /^(sha256:|init-1-)/;
  const over = new Set(rows.filter(({ type }) => type === 'image.loaded').map((r) => r.stream));
  const published = rows
    .filter(({ type, stream }) => type === 'image.load-requested' && over.has(stream))
    .map((row) => String(at(row, 'lease')));
  const requested = rows.filter(({ type }) => type === 'image.load-requested');
  const failed = rows.some(({ type }) => type === 'image.load-failed');
  const free = new Set(requested.map((row) => String(at(row, 'lease'))));
  const wrong: string[] = [];
  // One that never ran may have no root yet, but what it has is held.
  const rooted = everStarted(rows);
  const adopted = adoptedIn(rows);
  for (const id of expected.keys()) {
    if (adopted.has(id) || (!rooted.has(id) && !snapshots.has(id))) continue;
    if (!snapshots.has(id)) wrong.push(`${id} has no ${SNAPSHOTTER} snapshot`);
    else if (snapshots.get(id)?.labels['containerd.io/gc.root'] === undefined)
      wrong.push(`the root of ${id} is kept by nothing`);
  }
  for (const key of snapshots.keys()) {
    if (!images.test(key) && !expected.has(key)) wrong.push(`snapshot ${key} is left`);
  }
  for (const lease of leases.keys()) {
    // What was never asked to be published expires by itself; so does what could not be.
    const staged = lease.startsWith('load-') && (!free.has(lease) || failed);
    if (staged || expected.has(lease.slice('shiplog-'.length))) continue;
    if (!lease.startsWith('load-') || published.includes(lease)) wrong.push(`lease ${lease} left`);
  }
  return wrong;
}

function everStarted(rows: readonly Row[]): ReadonlySet<string> {
  const started = rows.filter(({ type }) => type === 'container.started');
  return new Set(started.map(({ stream }) => stream.slice('container/'.length)));
}

function files(
  { world }: Simulated,
  expected: ReadonlyMap<string, Expected>,
  rows: readonly Row[],
): string[] {
  const wrong: string[] = [];
  const lives = (id: string): boolean => LIVES.test(expected.get(id)?.state ?? '');
  for (const target of world.tree.mounted.keys()) {
    const id = target.slice('/exec/roots/'.length);
    if (!lives(id)) wrong.push(`${target} is left mounted`);
  }
  const adopted = adoptedIn(rows);
  const started = everStarted(rows);
  for (const id of expected.keys()) {
    if (adopted.has(id) || !started.has(id)) continue;
    if (world.tree.get(`/data/containers/${id}/hosts`) === undefined) {
      wrong.push(`${id} has no files of its own`);
    }
  }
  const execOver = new Set(
    rows.filter(({ type }) => type === 'exec.cleaned').map((row) => `exec.${parts(row)[2]}`),
  );
  for (const path of world.tree.paths()) {
    const [, place = '', id = '', run] =
      /^\/(exec\/roots|exec\/stdio|exec\/runc\/sim|data\/containers)\/([^/]+)(?:\/([^/]+))?/.exec(
        path,
      ) ?? [];
    if (place === '') continue;
    const probe = world.truth.probes.get(id.slice('exec.'.length));
    const fine = id.startsWith('exec.')
      ? !execOver.has(id) && (probe === undefined || lives(probe.container))
      : place === 'data/containers'
        ? expected.has(id)
        : lives(id) &&
          (place !== 'exec/stdio' || run === undefined || Number(run) === expected.get(id)?.run);
    if (!fine) wrong.push(`${path} is left`);
  }
  return wrong;
}
