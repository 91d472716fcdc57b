/**
 * `kill -9` of what stands beside the daemon: containerd, the stdio process, a shim, a container's
 * own process, alone and together with the daemon. Containers run on where they can, and where
 * they cannot, that is said.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { isAlive, within } from '../support/leftovers.ts';
import { allFacts } from '../support/replay.ts';
import { logPath } from './invariants.ts';
import { Neighbours } from './neighbours.ts';

let world: Neighbours;
before(async () => {
  world = await Neighbours.open();
});
afterEach(() => world.assertQuiet());
after(() => world.daemon.stop());

const remove = (...names: string[]) => world.docker('rm', '-f', ...names);
const killDaemon = () => world.kill(world.daemon.pid());

test('containers run on when containerd dies, and are at hand again when it is back', async () => {
  await world.counting('on');
  await world.counting('ends');
  const [on, ends] = [await world.state('on'), await world.state('ends')];
  const dead = world.containerd();
  await world.kill(dead);
  world.openGate(ends.Pid);
  assert.equal((await world.state('on')).Status, 'running', 'queries answer meanwhile');
  assert.equal((await world.becomes('ends', 'exited')).ExitCode, 9);
  assert.notEqual(world.containerd(), dead);
  assert.equal((await world.state('on')).Pid, on.Pid);
  await world.docker('pause', 'on');
  await world.docker('unpause', 'on');
  assert.deepEqual([await world.missing('on'), await world.missing('ends')], [0, 0]);
  await world.docker('stop', '-t', '0', 'on');
  await world.livesAgain('ends');
  await remove('on');
});

test('a stop and a forced removal are taken while containerd is away', async () => {
  await world.counting('stopped');
  await world.counting('removed');
  await world.kill(world.containerd());
  await Promise.all([world.docker('stop', '-t', '1', 'stopped'), remove('removed')]);
  assert.equal((await world.state('stopped')).Status, 'exited');
  await world.livesAgain('stopped');
});

test('the output goes on when the stdio process dies; no line comes twice', async () => {
  await world.counting('writes');
  const { Pid } = await world.state('writes');
  await world.writesOn('writes');
  const dead = world.stdio();
  await world.kill(dead);
  await world.writesOn('writes');
  assert.notEqual(world.stdio(), dead);
  assert.ok((await world.missing('writes')) <= 1, 'at most what was read and not yet written');
  world.openGate(Pid);
  assert.equal((await world.becomes('writes', 'exited')).ExitCode, 9);
  await remove('writes');
});

test('a container that ends while the stdio process is dead is not held up', async () => {
  await world.counting('ends');
  const { Pid } = await world.state('ends');
  await world.writesOn('ends');
  await world.kill(world.stdio());
  world.openGate(Pid);
  assert.equal((await world.becomes('ends', 'exited')).ExitCode, 9);
  await world.livesAgain('ends');
});

test('the exit of a container whose shim was killed is unknown, and that is said', async () => {
  const id = await world.counting('lost');
  const { Pid } = await world.state('lost');
  await world.kill(world.shim(id));
  const state = await world.becomes('lost', 'exited');
  assert.equal(state.ExitCode, 255);
  assert.match(await world.docker('ps', '-a', '--filter', 'name=lost'), /Exited \(255\)/);
  const exit = allFacts(logPath(world.daemon)).findLast(({ type }) => type === 'task.exited');
  const { code, evidence } = (exit?.data ?? {}) as { code?: unknown; evidence?: string };
  assert.equal(code, null);
  assert.match(evidence ?? '', /shim gone/);
  assert.equal(isAlive(Pid), false, 'nobody watches over its process any more');
  await world.livesAgain('lost');
});

test('the same when the daemon was away', async () => {
  const id = await world.counting('lost');
  const { Pid } = await world.state('lost');
  const shim = world.shim(id);
  await killDaemon();
  await world.kill(shim);
  await world.daemon.restart();
  assert.equal((await world.becomes('lost', 'exited')).ExitCode, 255);
  await world.livesAgain('lost');
  assert.equal(isAlive(Pid), false);
});

test('the same when containerd was away, too', async () => {
  const id = await world.counting('lost');
  const { Pid } = await world.state('lost');
  await world.kill(world.daemon.pid(), world.containerd(), world.shim(id));
  await world.daemon.restart();
  assert.equal((await world.becomes('lost', 'exited')).ExitCode, 255);
  await world.livesAgain('lost');
  assert.equal(isAlive(Pid), false);
});

test('a container whose own process is killed has ended with 137', async () => {
  await world.counting('killed');
  await world.kill((await world.state('killed')).Pid);
  assert.equal((await world.becomes('killed', 'exited')).ExitCode, 137);
  await world.livesAgain('killed');
});

test('an exit while daemon and containerd are both away is known', async () => {
  await world.counting('on');
  await world.counting('ends');
  const [on, ends] = [await world.state('on'), await world.state('ends')];
  await world.kill(world.daemon.pid(), world.containerd());
  world.openGate(ends.Pid);
  assert.ok(await within(5_000, () => !isAlive(ends.Pid)), 'the container was held up');
  await world.daemon.restart();
  assert.equal((await world.state('on')).Pid, on.Pid);
  assert.equal((await world.becomes('ends', 'exited')).ExitCode, 9);
  assert.equal(await world.missing('on'), 0);
  await remove('on', 'ends');
});

test('a container survives daemon, containerd and stdio process dying together', async () => {
  await world.counting('on');
  const { Pid } = await world.state('on');
  await world.writesOn('on');
  await world.kill(world.daemon.pid(), world.containerd(), world.stdio());
  await world.daemon.restart();
  await world.writesOn('on');
  assert.equal((await world.state('on')).Pid, Pid);
  assert.ok((await world.missing('on')) <= 1);
  world.openGate(Pid);
  assert.equal((await world.becomes('on', 'exited')).ExitCode, 9);
  await remove('on');
});
