/**
 * containerd is killed at every moment of a start: when it is back, a shim that it had launched and
 * not yet used is found and removed, and the container can be started. And the runtime is, which
 * leaves a control group then.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '../support/leftovers.ts';
import { Neighbours } from './neighbours.ts';
import { runtimeOf } from './victims.ts';

/** Milliseconds after the request; a start takes about 100. */
const MOMENTS = [5, 25, 40, 55, 75];

let world: Neighbours;
before(async () => {
  world = await Neighbours.open();
});
afterEach(() => world.assertQuiet());
after(() => world.daemon.stop());

for (const moment of MOMENTS) {
  test(`containerd dies ${moment} ms into a start, and the start succeeds`, async () => {
    const name = `start-${moment}`;
    await world.docker('create', '--name', name, 'busybox', 'sleep', '3600');
    const starting = world.daemon.request('POST', `/containers/${name}/start`);
    await sleep(moment);
    await world.kill(world.containerd());
    const { status, body } = await starting;
    assert.equal(status, 204, body);
    assert.equal((await world.state(name)).Status, 'running');
    await world.docker('rm', '-f', name);
  });
}

test('the runtime dies while it makes a task: the start fails, and nothing is left', async () => {
  for (const moment of [8, 16, 24]) {
    const name = `made-${moment}`;
    const id = (await world.docker('create', '--name', name, 'busybox', 'sleep', '3600')).trim();
    const starting = world.daemon.request('POST', `/containers/${name}/start`);
    let runtime: number | undefined;
    await within(
      10_000,
      () => {
        runtime = runtimeOf(world.daemon, id);
        return runtime !== undefined;
      },
      1,
    );
    assert.ok(runtime, 'no runtime was seen');
    await sleep(moment);
    await world.kill(runtime);
    // It may have been done by then.
    const { status, body } = await starting;
    if (status !== 204) assert.match(body, /runc did not terminate successfully/);
    await world.docker('rm', '-f', name);
  }
});
