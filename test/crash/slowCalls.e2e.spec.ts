/**
 * What does not answer: a call that a killed daemon has left at work in containerd, and a shim that
 * stands still. The next daemon neither does it again nor leaves anything of it; one sick container
 * holds up itself alone.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { signal, within } from '../support/leftovers.ts';
import { ANSWER_MS, Neighbours } from './neighbours.ts';

/** Seconds that the runtime takes longer, while there is a file `slow`. */
const SLOW_S = 3;

const bin = mkdtempSync(join(tmpdir(), 'shiplog-slow-'));
const at = (name: string): string => join(bin, name);

/** The real runtime, which takes its time for the command that is named in the file `slow`. */
function writeSlowRuntime(): void {
  const real = execFileSync('sh', ['-c', 'command -v runc'], { encoding: 'utf8' }).trim();
  const script = [
    '#!/bin/sh',
    `slow=$(cat ${at('slow')} 2>/dev/null)`,
    'for word in "$@"; do',
    `  if [ "$word" = "$slow" ]; then rm ${at('slow')}; : >${at('began')}; sleep ${SLOW_S}; fi`,
    'done',
    `exec ${real} "$@"`,
  ];
  writeFileSync(at('runc'), `${script.join('\n')}\n`);
  chmodSync(at('runc'), 0o755);
}

let world: Neighbours;
before(async () => {
  writeSlowRuntime();
  world = await Neighbours.open({ env: { PATH: `${bin}:${process.env['PATH']}` } });
});
afterEach(() => world.assertQuiet());
after(async () => {
  await world.daemon.stop();
  rmSync(bin, { recursive: true });
});

const NOTES = 'echo run >> /runs; sleep 3600';
const runsOf = async (name: string): Promise<string> =>
  (await world.docker('exec', name, 'cat', '/runs')).replaceAll('\n', ' ').trim();

/** A request, and the daemon is killed while the runtime is at work for it. */
async function killedDuring(command: string, method: string, path: string): Promise<void> {
  rmSync(at('began'), { force: true });
  writeFileSync(at('slow'), command);
  const asked = world.daemon.request(method, path).catch((error: Error) => error);
  assert.ok(await within(ANSWER_MS, () => existsSync(at('began'))), 'the runtime was not asked');
  await world.daemon.kill9();
  await asked;
  await world.daemon.restart();
}

test('a start whose create is still at work is finished, once', async () => {
  await world.docker('create', '--name', 'slow', 'busybox', 'sh', '-c', NOTES);
  await killedDuring('create', 'POST', '/containers/slow/start');
  await world.becomes('slow', 'running');
  assert.equal(await runsOf('slow'), 'run');
  await world.docker('rm', '-f', 'slow');
});

test('a start whose start is still at work is finished, once', async () => {
  await world.docker('create', '--name', 'slow', 'busybox', 'sh', '-c', NOTES);
  await killedDuring('start', 'POST', '/containers/slow/start');
  await world.becomes('slow', 'running');
  assert.equal(await runsOf('slow'), 'run');
  await world.docker('rm', '-f', 'slow');
});

test('a removal while the create of a killed daemon is still at work leaves nothing', async () => {
  await world.docker('create', '--name', 'slow', 'busybox', 'sh', '-c', NOTES);
  await killedDuring('create', 'POST', '/containers/slow/start');
  await world.docker('rm', '-f', 'slow');
});

test('a pause that is still at work is finished', async () => {
  await world.docker('run', '-d', '--name', 'slow', 'busybox', 'sh', '-c', NOTES);
  await killedDuring('pause', 'POST', '/containers/slow/pause');
  await world.becomes('slow', 'paused');
  await world.docker('unpause', 'slow');
  assert.equal(await runsOf('slow'), 'run');
  await world.docker('rm', '-f', 'slow');
});

test('a stop that is still at work is finished', async () => {
  await world.docker('run', '-d', '--name', 'slow', 'busybox', 'sleep', '3600');
  await killedDuring('kill', 'POST', '/containers/slow/stop?t=1');
  assert.equal((await world.becomes('slow', 'exited')).ExitCode, 137);
  await world.livesAgain('slow');
});

/** A container whose shim stands still while `body` runs. */
async function withSickShim(body: (id: string) => Promise<void>): Promise<void> {
  const run = ['run', '-d', '--name', 'sick', 'busybox', 'sleep', '3600'];
  const id = (await world.docker(...run)).trim();
  const shim = world.shim(id);
  signal(shim, 'SIGSTOP');
  try {
    await body(id);
  } finally {
    signal(shim, 'SIGCONT');
  }
}

test('a shim that stands still holds up a stop of its container, and nothing else', async () => {
  let stopping: Promise<unknown> = Promise.resolve();
  await withSickShim(async () => {
    stopping = world.daemon.request('POST', '/containers/sick/stop?t=1');
    await world.othersAreServed('sick');
  });
  await stopping;
  await world.becomes('sick', 'exited');
  await world.livesAgain('sick');
});

test('a forced removal of it frees the name at once, and ends when the shim does', async () => {
  let removing: Promise<unknown> = Promise.resolve();
  await withSickShim(async () => {
    removing = world.daemon.request('DELETE', '/containers/sick?force=1');
    await world.othersAreServed('sick');
    const again = ['create', '--name', 'sick', 'busybox', 'true'];
    const { code, stderr } = await world.daemon.dockerWith({ timeoutMs: ANSWER_MS }, ...again);
    assert.equal(code, 0, stderr);
  });
  await removing;
  await world.docker('rm', 'sick');
});

test('a daemon that boots beside a shim that stands still gets ready and serves', async () => {
  await withSickShim(async () => {
    await world.daemon.kill9();
    await world.daemon.restart();
    await world.othersAreServed('sick');
  });
  await world.docker('stop', '-t', '0', 'sick');
  await world.livesAgain('sick');
});
