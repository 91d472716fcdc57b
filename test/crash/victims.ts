/** Who can be killed, found by what the processes say of themselves: the daemon may stand still. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, peekText, processesOf, signal, within } from '../support/leftovers.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import type { Victim } from './points.ts';

/** Undefined while it is not there. */
export function pidOf(
  victim: Victim,
  daemon: TemporaryDaemon,
  container: string,
): number | undefined {
  if (victim === 'daemon') return daemon.pid();
  if (victim === 'containerd') return containerdOf(daemon);
  if (victim === 'stdio') return stdioOf(daemon);
  if (container === '') return undefined;
  return victim === 'shim' ? shimOf(daemon, container) : initOf(container);
}

export function containerdOf(daemon: TemporaryDaemon): number {
  const file = join(daemon.execRoot, 'containerd/containerd.pid');
  return Number(readFileSync(file, 'utf8').split(' ')[0]);
}

export function stdioOf(daemon: TemporaryDaemon): number {
  return JSON.parse(readFileSync(join(daemon.execRoot, 'stdio/pid'), 'utf8')).pid;
}

export function shimOf(daemon: TemporaryDaemon, container: string): number | undefined {
  return processesOf(daemon.dir).find(
    ({ command }) => command.includes('containerd-shim') && command.includes(container),
  )?.pid;
}

/** The OCI runtime, while it makes the container's task. */
export function runtimeOf(daemon: TemporaryDaemon, container: string): number | undefined {
  return processesOf(daemon.dir).find(
    ({ command }) => / create /.test(command) && command.endsWith(container),
  )?.pid;
}

/** The first process of the container's own pid namespace. */
function initOf(container: string): number | undefined {
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid) || !peekText(`/proc/${pid}/cgroup`).includes(container)) return false;
    return /^NSpid:\t\d+\t1$/m.test(peekText(`/proc/${pid}/status`));
  });
  return found === undefined ? undefined : Number(found);
}

/** All of them in the same moment, and gone when it resolves. */
export async function kill(...pids: readonly number[]): Promise<void> {
  for (const pid of pids) signal(pid, 'SIGKILL');
  assert.ok(await within(5_000, () => !pids.some(isAlive)), `still there: ${pids}`);
}
