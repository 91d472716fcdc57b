/**
 * What does not let itself be ended or taken away for a while: a process that no SIGKILL ends,
 * files that are busy. It holds the one actor, and the removal comes to its end by itself when it
 * can.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { Neighbours } from './neighbours.ts';

/** Longer than a removal that got stuck waits for its next try. */
const RETRIED_MS = 20_000;
const FREEZER = '/sys/fs/cgroup/freezer';
/** On cgroup v2 SIGKILL ends a frozen process as any other. */
const NO_FREEZER = existsSync(FREEZER) ? false : 'this host has no freezer of cgroup v1';
/** In the freezer alone, and no child of the container's own, which the daemon could thaw. */
const ICE = join(FREEZER, `shiplog-sick-${process.pid}`);

let world: Neighbours;
before(async () => {
  world = await Neighbours.open();
});
afterEach(() => world.assertQuiet());
after(async () => {
  await world.daemon.stop();
  if (existsSync(ICE)) rmdirSync(ICE);
});

/** A container whose process is frozen while `body` runs, by somebody else than the daemon. */
async function withFrozen(body: () => Promise<void>): Promise<void> {
  await world.docker('run', '-d', '--name', 'sick', 'busybox', 'sleep', '3600');
  mkdirSync(ICE, { recursive: true });
  const { Pid } = await world.state('sick');
  writeFileSync(join(ICE, 'cgroup.procs'), String(Pid));
  const state = join(ICE, 'freezer.state');
  writeFileSync(state, 'FROZEN');
  try {
    const frozen = () => readFileSync(state, 'utf8').trim() === 'FROZEN';
    assert.ok(await within(5_000, frozen), 'it does not freeze');
    await body();
  } finally {
    writeFileSync(state, 'THAWED');
  }
}

const isGone = async (id: string): Promise<boolean> =>
  (await world.daemon.request('GET', `/containers/${id}/json`)).status === 404;

test('a process that SIGKILL does not end holds up its removal and nothing else', {
  skip: NO_FREEZER,
}, async () => {
  let removing: Promise<unknown> = Promise.resolve();
  await withFrozen(async () => {
    const { Pid } = await world.state('sick');
    removing = world.daemon.request('DELETE', '/containers/sick?force=1');
    await world.othersAreServed('sick');
    assert.ok(existsSync(`/proc/${Pid}`), 'it could be ended');
  });
  await removing;
  assert.ok(await within(RETRIED_MS, () => isGone('sick')));
});

test('a stop of it is no different, and tells the true end', { skip: NO_FREEZER }, async () => {
  let stopping: Promise<unknown> = Promise.resolve();
  await withFrozen(async () => {
    stopping = world.daemon.request('POST', '/containers/sick/stop?t=1');
    await world.othersAreServed('sick');
  });
  await stopping;
  assert.equal((await world.becomes('sick', 'exited')).ExitCode, 137);
  await world.livesAgain('sick');
});

test('a removal that the daemon does not live through ends with the next one', {
  skip: NO_FREEZER,
}, async () => {
  await withFrozen(async () => {
    const removing = world.daemon
      .request('DELETE', '/containers/sick?force=1')
      .catch((error: Error) => error);
    await world.othersAreServed('sick');
    await world.daemon.kill9();
    await removing;
    await world.daemon.restart();
    await world.othersAreServed('sick');
  });
  assert.ok(await within(RETRIED_MS, () => isGone('sick')));
});

test('a root in which somebody is at work goes all the same', async () => {
  const id = (await world.docker('run', '-d', '--name', 'busy', 'busybox', 'sleep', '3600')).trim();
  const root = join(world.daemon.execRoot, 'roots', id);
  mkdirSync(join(root, 'inner'));
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(root, 'inner')]);
  const user = spawn('sh', ['-c', 'exec 9>held; echo here; exec sleep 60'], { cwd: root });
  await new Promise((resolve) => user.stdout.once('data', resolve));
  try {
    await world.docker('rm', '-f', 'busy');
  } finally {
    user.kill('SIGKILL');
  }
});

test('files of it that stay busy hold up its removal, which ends when they are free', async () => {
  const id = (await world.docker('run', '-d', '--name', 'sick', 'busybox', 'sleep', '3600')).trim();
  const busy = join(world.daemon.dataRoot, 'containers', id, 'busy');
  mkdirSync(busy);
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', busy]);
  let removing: Promise<{ readonly status: number; readonly body: string }>;
  try {
    removing = world.daemon.request('DELETE', '/containers/sick?force=1');
    await world.othersAreServed(id);
    assert.equal(await isGone(id), false);
  } finally {
    execFileSync('umount', [busy]);
  }
  const { status, body } = await removing;
  assert.ok(status === 204 || body.includes('busy'), `${status} ${body}`);
  assert.ok(await within(RETRIED_MS, () => isGone(id)), world.daemon.output().slice(-2_000));
});
