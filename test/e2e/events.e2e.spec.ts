/** `docker events` tells every flow in Docker's order, live and afterwards alike. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));
/** Seconds with a fraction, as --since and --until take them. */
const now = () => `${(Date.now() / 1000).toFixed(3)}`;
const SHOWN = '{{.Action}}{{with .Actor.Attributes.signal}} {{.}}{{end}}';
const CODED = `${SHOWN}{{with .Actor.Attributes.exitCode}} {{.}}{{end}}`;

/** Events of one container while `flow` runs, attach left out. */
async function eventsOf(name: string, flow: () => Promise<unknown>): Promise<readonly string[]> {
  const since = now();
  await flow();
  const filter = ['--filter', `container=${name}`, '--format', CODED];
  const told = await docker('events', '--since', since, '--until', now(), ...filter);
  return told.split('\n').filter((action) => action !== 'attach' && action !== '');
}

const stubborn = ['busybox', 'sleep', '600'];

test('run --rm: create, start, die, destroy', async () => {
  const told = await eventsOf('brief', () =>
    daemon.docker('run', '--rm', '--name', 'brief', 'busybox', 'sh', '-c', 'exit 3'),
  );
  assert.deepEqual(told, ['create', 'start', 'die 3', 'destroy']);
});

test('a failed start: create, and with --rm destroy, but no die', async () => {
  const run = (...flags: string[]) =>
    daemon.docker('run', ...flags, '--name', 'failing', 'busybox', 'nosuchcommand');
  assert.deepEqual(await eventsOf('failing', () => run('--rm')), ['create', 'destroy']);
  assert.deepEqual(await eventsOf('failing', () => run()), ['create']);
  assert.deepEqual(await eventsOf('failing', () => docker('rm', 'failing')), ['destroy']);
});

test('stop: kill 15, kill 9 when time is up, die, stop', async () => {
  assert.deepEqual(await eventsOf('web', () => docker('run', '-d', '--name', 'web', ...stubborn)), [
    'create',
    'start',
  ]);
  const told = await eventsOf('web', () => docker('stop', '-t', '1', 'web'));
  assert.deepEqual(told, ['kill 15', 'kill 9', 'die 137', 'stop']);
});

test('kill: kill 9, die', async () => {
  await docker('start', 'web');
  assert.deepEqual(await eventsOf('web', () => docker('kill', 'web')), ['kill 9', 'die 137']);
});

test('a signal that ends nothing is a kill alone', async () => {
  await docker('start', 'web');
  const told = await eventsOf('web', () => docker('kill', '-s', 'WINCH', 'web'));
  assert.deepEqual(told, ['kill 28']);
});

test('restart: kill 15, kill 9, die, stop, start, restart', async () => {
  const told = await eventsOf('web', () => docker('restart', '-t', '1', 'web'));
  assert.deepEqual(told, ['kill 15', 'kill 9', 'die 137', 'stop', 'start', 'restart']);
});

test('pause and unpause are one event each', async () => {
  const told = await eventsOf('web', async () => {
    await docker('pause', 'web');
    await docker('unpause', 'web');
  });
  assert.deepEqual(told, ['pause', 'unpause']);
});

test('rename carries the old name', async () => {
  const since = now();
  await docker('rename', 'web', 'site');
  const format = '{{.Action}} {{.Actor.Attributes.oldName}} {{.Actor.Attributes.name}}';
  const told = await docker('events', '--since', since, '--until', now(), '--format', format);
  assert.equal(told, 'rename /web site');
});

test('rm -f of a running one: kill 9, die, destroy', async () => {
  const told = await eventsOf('site', () => docker('rm', '-f', 'site'));
  assert.deepEqual(told, ['kill 9', 'die 137', 'destroy']);
});

test('rm -f of a paused and of a created one', async () => {
  await docker('run', '-d', '--name', 'held', ...stubborn);
  await docker('pause', 'held');
  const held = await eventsOf('held', () => docker('rm', '-f', 'held'));
  assert.deepEqual(held, ['kill 9', 'die 137', 'destroy']);
  await docker('create', '--name', 'idle', ...stubborn);
  assert.deepEqual(await eventsOf('idle', () => docker('rm', '-f', 'idle')), ['destroy']);
});

test('the attributes hold labels, image and name', async () => {
  const since = now();
  await docker('run', '--rm', '--name', 'labelled', '-l', 'team=a', 'busybox', 'true');
  const filter = ['--filter', 'label=team=a', '--filter', 'event=die', '--format', '{{json .}}'];
  const told = await docker('events', '--since', since, '--until', now(), ...filter);
  const { Type, Actor, scope, time, timeNano } = JSON.parse(told);
  const attributes = { image: 'busybox', name: 'labelled', team: 'a', exitCode: '0' };
  assert.deepEqual({ execDuration: '0', ...attributes }, Actor.Attributes);
  assert.deepEqual([Type, scope], ['container', 'local']);
  assert.equal(Math.floor(timeNano / 1e9), time);
});

test('a subscriber sees live what a reader finds afterwards, until its end', async () => {
  const since = now();
  const until = ((Date.now() + 6_000) / 1000).toFixed(3);
  const span = ['events', '--since', since, '--until', until, '--format', '{{.Action}} {{.Actor}}'];
  const live = daemon.docker(...span);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await docker('run', '--rm', 'busybox', 'true');
  await docker('run', '--rm', 'busybox', 'true');
  const seen = success(await live);
  assert.equal(seen, await docker(...span));
  assert.ok(seen.split('\n').length >= 8);
});

test('a subscriber without an end gets each event when it happens', async () => {
  const child = spawn('docker', ['events', '--format', '{{.Action}}'], {
    env: {
      ...process.env,
      DOCKER_HOST: `unix://${daemon.socket}`,
      DOCKER_CONFIG: `${daemon.dir}/docker`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.on('data', (bytes: Buffer) => {
    told += bytes.toString();
  });
  const ended = buffer(child.stdout);
  try {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await docker('create', '--name', 'announced', 'busybox', 'true');
    assert.ok(await within(3_000, () => told.includes('create')), told);
    await docker('rm', 'announced');
    assert.ok(await within(3_000, () => told.includes('destroy')), told);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
});

test('an end before the beginning is refused', async () => {
  const answer = await daemon.request('GET', '/events?since=20&until=10');
  assert.equal(answer.status, 400);
  const message = '`since` time (20) cannot be after `until` time (10)';
  assert.deepEqual(JSON.parse(answer.body), { message });
});
