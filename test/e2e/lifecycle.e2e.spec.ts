/** stop, kill, restart, pause, wait and rm by the unmodified CLI, with what inspect and ps show. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { finish, leftBehind, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));
const start = (name: string, script: string) =>
  docker('run', '-d', '--name', name, 'busybox', 'sh', '-c', script);
const inspect = (name: string, format: string) => docker('inspect', '-f', format, name);
const status = (name: string) =>
  docker('ps', '-a', '--filter', `name=^${name}$`, '--format', '{{.Status}}');

/** Resolves when the container has said that it is ready for signals. */
async function ready(name: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await docker('logs', name)).includes('ready')) return;
  }
  throw new Error(`${name} did not get ready`);
}

const OBEYS = 'trap "echo got; exit 5" TERM; echo ready; while :; do sleep 0.05; done';
const IGNORES = 'trap "" TERM; echo ready; while :; do sleep 0.05; done';

test('stop lets the container handle TERM and keeps its exit code', async () => {
  await start('polite', OBEYS);
  await ready('polite');
  assert.equal(await docker('stop', 'polite'), 'polite');
  assert.equal(await inspect('polite', '{{.State.Status}} {{.State.ExitCode}}'), 'exited 5');
  assert.equal(await docker('logs', 'polite'), 'ready\ngot');
});

test('stop -t kills what ignores TERM, after that time and no sooner', async () => {
  await start('stubborn', IGNORES);
  await ready('stubborn');
  const began = performance.now();
  await docker('stop', '-t', '1', 'stubborn');
  const took = performance.now() - began;
  assert.ok(took >= 1_000 && took < 4_000, `${took} ms`);
  assert.equal(await inspect('stubborn', '{{.State.ExitCode}}'), '137');
});

test('stop -t 0 kills at once', async () => {
  await docker('start', 'stubborn');
  const began = performance.now();
  await docker('stop', '-t', '0', 'stubborn');
  assert.ok(performance.now() - began < 2_000);
  assert.match(await status('stubborn'), /^Exited \(137\) /);
});

test('the stop signal of the container is the one that stop sends', async () => {
  const script = 'trap "exit 9" USR1; echo ready; while :; do sleep 0.05; done';
  const flags = ['-d', '--name', 'own', '--stop-signal', 'USR1', '--stop-timeout', '20'];
  await docker('run', ...flags, 'busybox', 'sh', '-c', script);
  await ready('own');
  await docker('stop', 'own');
  assert.equal(await inspect('own', '{{.State.ExitCode}}'), '9');
});

for (const signal of ['HUP', 'SIGHUP', '1', 'sighup']) {
  test(`kill -s ${signal} sends that signal and nothing else`, async () => {
    const name = `hup-${signal}`;
    await start(name, 'trap "echo hup" HUP; echo ready; while :; do sleep 0.05; done');
    await ready(name);
    await docker('kill', '-s', signal, name);
    for (let tries = 0; !(await docker('logs', name)).includes('hup'); tries += 1) {
      assert.ok(tries < 100, 'the signal did not arrive');
    }
    assert.equal(await inspect(name, '{{.State.Running}}'), 'true');
    await docker('rm', '-f', name);
  });
}

test('restart ends the run and begins another, of which the times tell', async () => {
  await start('again', OBEYS);
  await ready('again');
  const format = '{{.State.Pid}} {{.State.StartedAt}} {{.State.FinishedAt}}';
  const before = (await inspect('again', format)).split(' ');
  await docker('restart', '-t', '2', 'again');
  const now = (await inspect('again', format)).split(' ');
  assert.equal(before[2], '0001-01-01T00:00:00Z');
  assert.notEqual(now[0], before[0]);
  assert.ok(String(now[1]) > String(before[1]), 'started later');
  assert.ok(String(now[2]) > String(before[1]), 'the end of the first run is kept');
  assert.equal(await inspect('again', '{{.State.Running}} {{.RestartCount}}'), 'true 0');
  await docker('rm', '-f', 'again');
});

test('restart starts what was created or has exited', async () => {
  await docker('create', '--name', 'fresh', 'busybox', 'sleep', '60');
  await docker('restart', 'fresh');
  await docker('kill', 'fresh');
  await docker('restart', 'fresh');
  assert.equal(await inspect('fresh', '{{.State.Status}}'), 'running');
  await docker('rm', '-f', 'fresh');
});

test('restart does not remove a container that was run with --rm', async () => {
  await docker('run', '-d', '--rm', '--name', 'kept', 'busybox', 'sleep', '60');
  await docker('restart', '-t', '0', 'kept');
  assert.equal(await inspect('kept', '{{.State.Status}}'), 'running');
  await docker('stop', '-t', '0', 'kept');
  const gone = await daemon.docker('wait', 'kept');
  assert.ok(gone.code === 0 || gone.stderr.includes('No such container'), gone.stderr);
});

test('pause freezes the process, unpause lets it go on', async () => {
  await start('frozen', 'while :; do echo tick; usleep 20000; done');
  const ticks = async () => (await docker('logs', 'frozen')).split('\n').length;
  await docker('pause', 'frozen');
  assert.match(await status('frozen'), /^Up .* \(Paused\)$/);
  const state = '{{.State.Status}} {{.State.Running}} {{.State.Paused}}';
  assert.equal(await inspect('frozen', state), 'paused true true');
  const then = await ticks();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await ticks(), then);
  await docker('unpause', 'frozen');
  assert.equal(await inspect('frozen', state), 'running true false');
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok((await ticks()) > then);
});

test('a signal to a paused container waits for unpause, told before the exit', async () => {
  const since = (Date.now() / 1000).toFixed(3);
  await start('pending', 'trap "exit 7" HUP; echo ready; while :; do sleep 0.05; done');
  await ready('pending');
  await docker('pause', 'pending');
  await docker('kill', '-s', 'HUP', 'pending');
  assert.equal(await inspect('pending', '{{.State.Status}}'), 'paused');
  assert.equal(await docker('unpause', 'pending'), 'pending');
  assert.equal(await docker('wait', 'pending'), '7');
  const span = ['--since', since, '--until', (Date.now() / 1000).toFixed(3)];
  const format = ['--filter', 'container=pending', '--format', '{{.Action}}'];
  const told = (await docker('events', ...span, ...format)).split('\n');
  assert.deepEqual(told.slice(-4), ['pause', 'kill', 'unpause', 'die']);
});

test('stop and kill reach a paused container', async () => {
  for (const command of [['stop', '-t', '1'], ['kill']]) {
    await start('held', 'exec sleep 60');
    await docker('pause', 'held');
    await docker(...command, 'held');
    assert.equal(await docker('wait', 'held'), '137');
    assert.match(await status('held'), /^Exited \(137\) /);
    await docker('rm', 'held');
  }
});

test('wait answers at the exit, and at once after it', async () => {
  await start('short', 'sleep 0.4; exit 8');
  assert.equal(await docker('wait', 'short'), '8');
  assert.equal(await docker('wait', 'short'), '8');
  await docker('create', '--name', 'unborn', 'busybox', 'true');
  assert.equal(await docker('wait', 'unborn', 'short'), '0\n8');
});

test('rm -f removes whatever state it is in, and leaves nothing', async () => {
  await docker('rm', '-f', ...(await docker('ps', '-aq')).split('\n'));
  await start('runs', IGNORES);
  await start('waits', IGNORES);
  await docker('pause', 'waits');
  await docker('create', '--name', 'new', 'busybox', 'true');
  assert.equal(await docker('rm', '-f', 'runs', 'waits', 'new'), 'runs\nwaits\nnew');
  assert.equal(await docker('ps', '-aq'), '');
  assert.deepEqual(await leftBehind(daemon), []);
});

test('rm takes a container that has exited or was never started', async () => {
  await docker('run', '--name', 'over', 'busybox', 'true');
  await docker('create', '--name', 'idle', 'busybox', 'true');
  assert.equal(await docker('rm', 'over', 'idle'), 'over\nidle');
});
