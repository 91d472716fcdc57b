/** Who lacks memory: Docker's event once for each kill, whether or not the container lives on. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));
const GREED = 'x=a; while true; do x=$x$x; done';

/** All that was ever told of it. */
async function told(name: string): Promise<readonly string[]> {
  const filter = ['--filter', `container=${name}`, '--format', '{{.Action}}'];
  const events = await docker('events', '--until', `${Date.now() / 1000}`, ...filter);
  return events.split('\n').filter((action) => !/^(attach|exec_.*)$/.test(action));
}
const kills = async (name: string): Promise<number> =>
  (await told(name)).filter((action) => action === 'oom').length;

test('a child that is killed is told while the container lives, the next one again', async () => {
  const limits = ['-m', '8m', '--memory-swap', '8m'];
  await docker('run', '-d', '--name', 'parent', ...limits, 'busybox', 'sleep', '600');
  for (const count of [1, 2]) {
    const { code } = await daemon.docker('exec', 'parent', 'sh', '-c', GREED);
    assert.equal(code, 137);
    await within(20_000, async () => (await kills('parent')) >= count);
  }
  assert.deepEqual(await told('parent'), ['create', 'start', 'oom', 'oom']);
  const state = await docker('inspect', '-f', '{{.State.OOMKilled}} {{.State.Status}}', 'parent');
  assert.equal(state, 'true running');
  await docker('kill', 'parent');
  await docker('start', 'parent');
  assert.equal(await docker('inspect', '-f', '{{.State.OOMKilled}}', 'parent'), 'false');
});

test('a kill that is its end is told once, before the end', async () => {
  await daemon.docker('run', '--name', 'greedy', '-m', '8m', 'busybox', 'sh', '-c', GREED);
  assert.deepEqual(await told('greedy'), ['create', 'start', 'oom', 'die']);
});
