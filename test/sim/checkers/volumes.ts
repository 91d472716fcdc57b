/**
 * Volumes against the file tree and against who uses them: what is there is there whole, whatever
 * happened to the containers that mounted it; it is removed only when somebody asked for it or its
 * one container took it along, and never while a container has it.
 */
import type { Simulated } from '../simulation.ts';
import { at, type Row, streams, word } from './facts.ts';

interface Mounted {
  readonly key: string;
  readonly anonymous: boolean;
}

/** A container from its first fact to its end, or to that it can not be had: positions. */
interface User {
  readonly stream: string;
  readonly from: number;
  readonly to: number;
  readonly mounted: readonly Mounted[];
  /** It took along what was its alone. */
  readonly took: boolean;
  /** It never came to be. */
  readonly failed: boolean;
}

export function volumeProblems(simulated: Simulated, rows: readonly Row[]): readonly string[] {
  const users = usersIn(rows);
  return [
    ...[...streams(rows, 'volume')].flatMap(([stream, list]) => [
      ...rests(simulated, stream, list),
      ...removals(simulated, stream, list, users),
    ]),
    ...oneAtATime(rows),
    ...taken(rows, users),
    ...kept(simulated, rows),
    ...left(simulated, rows),
    ...given(simulated, users),
  ];
}

const keyOf = (stream: string): string => stream.slice('volume/'.length);
const nameOf = (key: string): string => key.slice(0, key.lastIndexOf('#'));
const directoryOf = (key: string): string => `/data/volumes/${nameOf(key)}`;

function usersIn(rows: readonly Row[]): readonly User[] {
  return [...streams(rows, 'container')].map(([stream, list]) => {
    const mounts = at(list[0] as Row, 'mounts');
    const end = list.find(({ type }) => /\.(removed|create-failed)$/.test(type));
    const ending = list.findLast(({ type }) => type === 'container.remove-requested');
    return {
      stream,
      from: list[0]?.position ?? 0,
      to: end?.position ?? Number.POSITIVE_INFINITY,
      mounted: (Array.isArray(mounts) ? mounts : []).map((point: object) => {
        const { name, incarnation } = Object(Reflect.get(point, 'volume'));
        return { key: `${name}#${incarnation}`, anonymous: Reflect.has(point, 'anonymous') };
      }),
      took: end !== undefined && ending !== undefined && at(ending, 'volumes') === true,
      failed: list.some(({ type }) => type === 'container.create-failed'),
    };
  });
}

/** Present with its directory, or removed. */
function rests({ world }: Simulated, stream: string, list: readonly Row[]): string[] {
  const state = word(list.at(-1));
  if (state !== 'present' && state !== 'removed') return [`${stream} rests in ${state}`];
  const there = world.tree.get(`${directoryOf(keyOf(stream))}/_data`) === null;
  return state === 'present' && !there ? [`${stream} is present and has no directory`] : [];
}

function removals(
  { asked }: Simulated,
  stream: string,
  list: readonly Row[],
  users: readonly User[],
): string[] {
  const key = keyOf(stream);
  const owner = at(list[0] as Row, 'container');
  return list.flatMap(({ type, position }) => {
    if (type !== 'volume.remove-requested') return [];
    const having = users.filter(({ from, to, mounted }) => {
      return from < position && position < to && mounted.some((one) => one.key === key);
    });
    const wrong = having.map((user) => `${stream} is removed at ${position} under ${user.stream}`);
    const called = asked.some(
      ({ command }) => command.type === 'remove-volume' && command.name === nameOf(key),
    );
    const own = users.find((user) => user.stream === `container/${owner}`);
    const over = own === undefined || ((own.took || own.failed) && own.to < position);
    const alone = owner !== null && over;
    return called || alone ? wrong : [...wrong, `${stream} is removed, and nobody asked for it`];
  });
}

function oneAtATime(rows: readonly Row[]): string[] {
  const there = new Map<string, string>();
  return rows.flatMap(({ stream, type, position }) => {
    if (!stream.startsWith('volume/')) return [];
    const name = nameOf(keyOf(stream));
    if (type === 'volume.removed') there.delete(name);
    if (type !== 'volume.create-requested') return [];
    const other = there.get(name);
    there.set(name, stream);
    return other === undefined ? [] : [`${stream} is made at ${position}, ${other} is there`];
  });
}

/** What was a container's alone, and was to go with it, is gone. */
function taken(rows: readonly Row[], users: readonly User[]): string[] {
  return users
    .filter(({ took }) => took)
    .flatMap(({ stream, mounted }) =>
      mounted
        .filter(({ anonymous, key }) => {
          const last = rows.findLast((row) => row.stream === `volume/${key}`);
          return anonymous && word(last) !== 'removed';
        })
        .map(({ key }) => `${stream} went and left its volume ${key}`),
    );
}

/** What processes have written into a volume is there for as long as the volume is. */
function kept({ world }: Simulated, rows: readonly Row[]): string[] {
  return world.truth.written.flatMap(({ path, position }) => {
    const gone = rows.some(
      (row) =>
        row.position > position &&
        row.type === 'volume.removed' &&
        path.startsWith(`${directoryOf(keyOf(row.stream))}/`),
    );
    return gone || world.tree.get(path) !== undefined ? [] : [`${path} is lost`];
  });
}

/** No directory without a volume. */
function left({ world }: Simulated, rows: readonly Row[]): string[] {
  const present = new Set<string>();
  for (const [stream, list] of streams(rows, 'volume')) {
    if (word(list.at(-1)) !== 'removed') present.add(directoryOf(keyOf(stream)));
  }
  return world.tree
    .paths()
    .filter((path) => /^\/data\/volumes\/[^/]+$/.test(path) && !present.has(path))
    .map((path) => `${path} is left`);
}

/** Each process has what its container was created with, and nothing else. */
function given({ world }: Simulated, users: readonly User[]): string[] {
  return world.truth.processes.flatMap(({ container, run, exec, volumes }) => {
    const user = users.find(({ stream }) => stream === `container/${container}`);
    if (exec !== null || user === undefined) return [];
    const wanted = user.mounted.map(({ key }) => `${directoryOf(key)}/_data`);
    const same = String([...volumes].sort()) === String(wanted.sort());
    return same ? [] : [`task/${container}/${run} has ${volumes} for ${wanted}`];
  });
}
