/** What is left of a container after a crash: it can be started, writes on, and can be removed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { act, remove, stateOf, statusOf, until } from './asks.ts';
import { factsOf } from './invariants.ts';

export interface Expected {
  /** The stdio process or the shim was killed: what they had read and not yet written is lost. */
  readonly lossy?: boolean;
  /** Its command can be run. */
  readonly startable?: boolean;
}

export async function liveOn(
  daemon: TemporaryDaemon,
  name: string,
  { lossy = false, startable = true }: Expected = {},
): Promise<void> {
  const status = await statusOf(daemon, name);
  if (status === 'absent') return;
  if (startable) {
    if (status === 'paused') await act('unpause')(daemon, name);
    if (status !== 'running' && status !== 'paused') await act('start')(daemon, name);
    if (status === 'paused') await thawed(daemon, name);
    await assertLogGrows(daemon, name, lossy);
    await assertStartedOnce(daemon, name);
  }
  await remove('?force=1')(daemon, name);
}

/** A signal that came while it was frozen may end it now; then it is started again. */
async function thawed(daemon: TemporaryDaemon, name: string): Promise<void> {
  const before = await bytesOf(daemon, name);
  let status = '';
  await until(`${name} to write more or to end`, async () => {
    status = await statusOf(daemon, name);
    return status === 'exited' || (await bytesOf(daemon, name)) > before;
  });
  if (status === 'exited') await act('start')(daemon, name);
}

async function assertLogGrows(
  daemon: TemporaryDaemon,
  name: string,
  lossy: boolean,
): Promise<void> {
  const before = await bytesOf(daemon, name);
  await until(`${name} to write more`, async () => (await bytesOf(daemon, name)) > before);
  // Each run counts from 1, and is whole.
  (await linesOf(daemon, name)).reduce((last, line, at) => {
    const number = Number(line.slice('line '.length));
    const follows = number === last + 1 || number === 1 || (lossy && number > last);
    assert.ok(line === `line ${number}` && follows, `${name}, ${at}: ${line} after ${last}`);
    return number;
  }, 0);
}

async function bytesOf(daemon: TemporaryDaemon, name: string): Promise<number> {
  return (await daemon.request('GET', `/containers/${name}/logs?stdout=1`)).body.length;
}

async function linesOf(daemon: TemporaryDaemon, name: string): Promise<readonly string[]> {
  const { stdout, stderr, code } = await daemon.docker('logs', name);
  assert.equal(code, 0, stderr);
  return stdout.split('\n').slice(0, -1);
}

/** A process notes itself when it begins: no start and no exec was carried out twice. */
async function assertStartedOnce(daemon: TemporaryDaemon, name: string): Promise<void> {
  const state = await stateOf(daemon, name);
  for (const [file, fact] of [
    ['runs', 'container.start-requested'],
    ['execs', 'exec.start-requested'],
  ] as const) {
    const noted = lines(`/proc/${state?.Pid}/root/${file}`);
    const asked = factsOf(daemon, name).filter(({ type }) => type === fact).length;
    assert.ok(noted <= asked, `${noted} ${file}, ${asked} times ${fact}`);
  }
}

function lines(path: string): number {
  try {
    return readFileSync(path, 'utf8').split('\n').length - 1;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
