/** Restart policies by the unmodified CLI: what is started again, what is not, what is shown. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));
const inspect = (name: string, format: string) => docker('inspect', '-f', format, name);
const run = (name: string, policy: string, script: string) =>
  docker('run', '-d', '--name', name, '--restart', policy, 'busybox', 'sh', '-c', script);

async function becomes(name: string, format: string, wanted: string, ms = 15_000) {
  await within(ms, async () => (await inspect(name, format)) === wanted);
  assert.equal(await inspect(name, format), wanted);
}

test('on-failure:2 starts it twice more, then leaves it with its code', async () => {
  await run('failing', 'on-failure:2', 'echo again; exit 3');
  await becomes('failing', '{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}', 'exited 3 2');
  assert.equal(await docker('logs', 'failing'), 'again\nagain\nagain');
});

test('on-failure leaves a success alone', async () => {
  await run('fine', 'on-failure', 'exit 0');
  await becomes('fine', '{{.State.Status}} {{.RestartCount}}', 'exited 0');
});

test('always starts again what ends, until it is stopped by hand', async () => {
  await run('eager', 'always', 'sleep 0.2; exit 1');
  await within(15_000, async () => Number(await inspect('eager', '{{.RestartCount}}')) >= 2);
  await docker('stop', '-t', '1', 'eager');
  const count = await inspect('eager', '{{.RestartCount}}');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  assert.equal(await inspect('eager', '{{.State.Status}} {{.RestartCount}}'), `exited ${count}`);
});

test('what waits for its restart is shown so, and pause and rm are refused', async () => {
  // Its pauses double: after a few it waits long enough to be looked at.
  await run('waiting', 'always', 'exit 4');
  await within(20_000, async () => Number(await inspect('waiting', '{{.RestartCount}}')) >= 5);
  await becomes('waiting', '{{.State.Status}} {{.State.Running}}', 'restarting true');
  assert.match(
    await docker('ps', '--filter', 'name=^waiting$', '--format', '{{.Status}}'),
    /^Restarting \(4\) /,
  );
  assert.match((await daemon.docker('pause', 'waiting')).stderr, /is restarting, wait until/);
  assert.match((await daemon.docker('rm', 'waiting')).stderr, /cannot remove container/);
  await docker('rm', '-f', 'waiting');
});

test('a killed daemon goes on with the policies where it was', async () => {
  await run('lasting', 'unless-stopped', 'sleep 0.5; exit 1');
  await run('halted', 'unless-stopped', 'sleep 1000');
  await docker('kill', 'halted');
  await daemon.kill9();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await daemon.restart();
  const before = Number(await inspect('lasting', '{{.RestartCount}}'));
  await within(20_000, async () => Number(await inspect('lasting', '{{.RestartCount}}')) > before);
  assert.ok(Number(await inspect('lasting', '{{.RestartCount}}')) > before);
  assert.equal(await inspect('halted', '{{.State.Status}} {{.State.ExitCode}}'), 'exited 137');
});

test('update changes the policy of what runs, and refuses what is not there yet', async () => {
  await run('changed', 'no', 'sleep 1; exit 1');
  assert.equal(await docker('update', '--restart', 'on-failure:1', 'changed'), 'changed');
  await becomes('changed', '{{.State.Status}} {{.RestartCount}}', 'exited 1');
  assert.equal(await inspect('changed', '{{.HostConfig.RestartPolicy.Name}}'), 'on-failure');
  assert.match(
    (await daemon.docker('update', '-m', '1m', 'changed')).stderr,
    /limit allowed is 6MB/,
  );
});

test('--rm and a policy do not go together', async () => {
  const both = await daemon.docker('run', '--rm', '--restart', 'always', 'busybox', 'true');
  assert.equal(both.code, 125);
});
