/** What has to be so after every crash, whatever was under way. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { FAMILIES } from '../../machines/families.ts';
import { agendaReader } from '../../store/agenda.ts';
import { openReader } from '../../store/connection.ts';
import { pathsUnder, within } from '../support/leftovers.ts';
import { allFacts, replay } from '../support/replay.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { isLasting } from './points.ts';

export const logPath = (daemon: TemporaryDaemon): string => join(daemon.dataRoot, 'log.db');

/** What is asked for and not done; what lasts as long as a container runs is left out. */
export function openWork(daemon: TemporaryDaemon): readonly string[] {
  const db = openReader(logPath(daemon));
  try {
    return agendaReader(db)
      .all()
      .filter(({ type }) => !isLasting(type))
      .map(({ id, stream, type }) => `${id} ${stream} ${type}`);
  } finally {
    db.close();
  }
}

/** Within 30 s nothing is under way any more. */
export async function assertConverges(daemon: TemporaryDaemon): Promise<void> {
  const quiet = await within(30_000, () => openWork(daemon).length === 0);
  assert.ok(quiet, `still open: ${openWork(daemon).join('; ')}\n${daemon.output().slice(-3_000)}`);
}

/** The chain is whole, the tables are what the facts say, and every row folds to what it says. */
export function assertLogSound(daemon: TemporaryDaemon): void {
  const { verified, drift } = replay(logPath(daemon), FAMILIES);
  assert.deepEqual([verified.ok, drift], [true, []], JSON.stringify(verified));
}

const ASKED = ['container.create-requested', 'container.adopt-requested'];

/** Id of the container that was asked for by that name; empty if none ever was. */
export function newestContainer(daemon: TemporaryDaemon, name: string): string {
  const asked = allFacts(logPath(daemon)).findLast(
    ({ type, data }) => ASKED.includes(type) && (data as { name: string }).name === name,
  );
  return asked?.stream.slice('container/'.length) ?? '';
}

/** How many facts a command of that type has caused. */
export function causedBy(daemon: TemporaryDaemon, command: string): number {
  const caused = allFacts(logPath(daemon)).filter(
    ({ cause }) => (cause as { command?: string }).command === command,
  );
  return caused.length;
}

/** Facts of the container of that name, of its runs and of its execs, oldest first. */
export function factsOf(daemon: TemporaryDaemon, name: string) {
  const id = newestContainer(daemon, name);
  return allFacts(logPath(daemon)).filter(({ stream }) => id !== '' && stream.includes(id));
}

/** Nothing on disk bears the id of a removed container: file, mount point, FIFO, state. */
export function assertNoTrace(daemon: TemporaryDaemon, id: string): void {
  const paths = pathsUnder(daemon.dir);
  assert.deepEqual(
    paths.filter((path) => path.includes(id)),
    [],
  );
}

/** Within 3 s containers have nothing in the world but this. */
export async function assertLeaks(
  daemon: TemporaryDaemon,
  expected: readonly string[],
): Promise<void> {
  let seen = daemon.leaks();
  await within(3_000, () => {
    seen = daemon.leaks();
    return isDeepStrictEqual(seen, expected);
  });
  assert.deepEqual(seen, expected);
}

/** No actor was stopped by a bug, no handler threw what it must not. */
export function assertNoBug(daemon: TemporaryDaemon): void {
  const bugs = daemon
    .output()
    .split('\n')
    .filter((line) => /actor stopped|bug in a handler|Unhandled|uncaught/i.test(line));
  assert.deepEqual(bugs, []);
}
