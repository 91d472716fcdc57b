/**
 * The host loses its power: daemon, containerd, stdio process, shims and containers are gone in one
 * moment, mounts and everything in the exec root with them. What was to run runs again, what was
 * stopped by hand stays so, and nobody's exit is invented.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmdirSync, rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { assertConverges, assertLogSound, assertNoBug } from '../crash/invariants.ts';
import { cgroupsOf, mountsOf, processesOf, signal, within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const FOREVER = ['busybox', 'sh', '-c', 'echo run; exec sleep 3600'];

interface Seen {
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly Pid: number };
  readonly RestartCount: number;
}

async function inspect(name: string): Promise<Seen> {
  return JSON.parse((await daemon.request('GET', `/containers/${name}/json`)).body);
}

async function becomes(name: string, status: string): Promise<Seen> {
  await within(30_000, async () => (await inspect(name)).State.Status === status);
  const seen = await inspect(name);
  assert.equal(seen.State.Status, status, `${name}\n${daemon.output().slice(-2_000)}`);
  return seen;
}

const runs = async (name: string): Promise<number> =>
  success(await daemon.docker('logs', name)).split('\n').length;

async function powerLoss(): Promise<void> {
  const found = processesOf(daemon.dir);
  const cgroups = cgroupsOf(found);
  signal(daemon.pid(), 'SIGKILL');
  for (const { pid } of found) signal(pid, 'SIGKILL');
  const gone = () => {
    for (const { pid } of processesOf(daemon.dir)) signal(pid, 'SIGKILL');
    return processesOf(daemon.dir).length === 0;
  };
  assert.ok(await within(15_000, gone), 'somebody outlives the loss of power');
  for (const mount of mountsOf(daemon.dir)) execFileSync('umount', ['--lazy', mount]);
  for (const path of cgroups) rmdirSync(path);
  rmSync(daemon.execRoot, { recursive: true });
}

before(async () => {
  for (const [name, policy] of Object.entries({
    plain: 'no',
    always: 'always',
    unless: 'unless-stopped',
    failing: 'on-failure',
    halted: 'always',
    'unless-halted': 'unless-stopped',
    fragile: 'no',
  })) {
    const flags = name === 'fragile' ? ['--rm'] : ['--restart', policy];
    success(await daemon.docker('run', '-d', '--name', name, ...flags, ...FOREVER));
  }
  const joined = ['--network', 'container:always', '--restart', 'always'];
  success(await daemon.docker('run', '-d', '--name', 'joiner', ...joined, ...FOREVER));
  success(await daemon.docker('stop', '-t', '0', 'halted', 'unless-halted'));
  success(await daemon.docker('create', '--name', 'created', ...FOREVER));
  await powerLoss();
  await daemon.restart();
});

test('what was to run runs again, in a run of its own', async () => {
  for (const name of ['always', 'unless', 'failing', 'joiner']) {
    await becomes(name, 'running');
    await within(10_000, async () => (await runs(name)) === 2);
    assert.equal(await runs(name), 2, name);
  }
});

test('what was stopped by hand stays so, also under `always`', async () => {
  for (const name of ['halted', 'unless-halted']) {
    const { State } = await inspect(name);
    assert.equal(State.Status, 'exited', name);
    assert.equal(await runs(name), 1, name);
  }
});

test('the end of what nobody could see is unknown, and what was not started is not', async () => {
  const { State } = await becomes('plain', 'exited');
  assert.equal(State.ExitCode, 255);
  assert.equal((await inspect('created')).State.Status, 'created');
  const gone = async () => (await daemon.request('GET', '/containers/fragile/json')).status === 404;
  assert.ok(await within(15_000, gone), 'what was to be removed with its end is there');
});

test('all can be started, stopped and removed, and nothing is left', async () => {
  success(await daemon.docker('start', 'plain', 'created', 'halted'));
  success(await daemon.docker('stop', '-t', '0', 'plain', 'always'));
  const all = [
    'plain',
    'always',
    'unless',
    'failing',
    'halted',
    'unless-halted',
    'created',
    'joiner',
  ];
  success(await daemon.docker('rm', '-f', ...all));
  await assertConverges(daemon);
  await within(5_000, () => daemon.leaks().length === 0);
  assert.deepEqual(daemon.leaks(), []);
  assertLogSound(daemon);
  assertNoBug(daemon);
});
