/** Health checks by the unmodified CLI: what is shown, told and ended, and what an image brings. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, loadImage, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));
const inspect = (name: string, format: string) => docker('inspect', '-f', format, name);
const QUICK = ['--health-interval', '300ms', '--health-timeout', '10s'];

const run = (name: string, command: string, ...flags: readonly string[]) =>
  docker(
    ...['run', '-d', '--name', name, '--health-cmd', command, ...QUICK, ...flags],
    ...['busybox', 'sleep', '600'],
  );

interface Health {
  readonly Status: string;
  readonly FailingStreak: number;
  readonly Log: readonly {
    readonly Start: string;
    readonly End: string;
    readonly ExitCode: number;
    readonly Output: string;
  }[];
}
const health = async (name: string): Promise<Health> =>
  JSON.parse(await inspect(name, '{{json .State.Health}}'));

async function becomes(name: string, wanted: string): Promise<Health> {
  await within(20_000, async () => (await health(name)).Status === wanted);
  const seen = await health(name);
  assert.equal(seen.Status, wanted, JSON.stringify(seen));
  return seen;
}

const status = (name: string) =>
  docker('ps', '-a', '--filter', `name=^${name}$`, '--format', '{{.Status}}');

async function probes(name: string, count: number): Promise<Health> {
  await within(20_000, async () => (await health(name)).Log.length >= count);
  return health(name);
}

test('it follows what the probes find; ps, its filter and events show it', async () => {
  const since = String(Date.now() / 1_000);
  const script = 'echo out; echo err >&2; test -e /tmp/well';
  await run('changing', script, '--health-retries', '2');
  assert.match(await status('changing'), /^Up .* \(health: starting\)$/);
  const ill = await becomes('changing', 'unhealthy');
  assert.ok(ill.FailingStreak >= 2);
  assert.equal(ill.Log[0]?.ExitCode, 1);
  assert.deepEqual(ill.Log[0]?.Output.trimEnd().split('\n').sort(), ['err', 'out']);
  assert.match(await status('changing'), /^Up .* \(unhealthy\)$/);
  await within(20_000, async () => (await health('changing')).FailingStreak > 4);
  assert.ok((await health('changing')).FailingStreak > 4, 'failures are counted on');
  await docker('exec', 'changing', 'touch', '/tmp/well');
  const well = await becomes('changing', 'healthy');
  assert.equal(well.FailingStreak, 0);
  assert.equal(well.Log.length, 5);
  assert.match(await status('changing'), /^Up .* \(healthy\)$/);
  const filtered = (word: string) =>
    docker('ps', '--filter', `health=${word}`, '--format', '{{.Names}}');
  assert.equal(await filtered('healthy'), 'changing');
  assert.equal(await filtered('unhealthy'), '');
  const filter = ['--filter', 'container=changing', '--format', '{{.Action}}'];
  const until = String(Date.now() / 1_000);
  const told = (await docker('events', '--since', since, '--until', until, ...filter)).split('\n');
  const changes = told.filter((action) => action.startsWith('health_status'));
  assert.deepEqual(changes, ['health_status: unhealthy', 'health_status: healthy']);
  const first = told.slice(told.indexOf('start') + 1).slice(0, 3);
  assert.deepEqual(first, [
    `exec_create: /bin/sh -c ${script}`,
    `exec_start: /bin/sh -c ${script}`,
    'exec_die',
  ]);
});

test('a probe that takes too long is ended, with all that it has started', async () => {
  const hangs = 'echo begun; sleep 1234; echo never';
  await run('slow', hangs, '--health-timeout', '500ms', '--health-retries', '1');
  const [probe] = (await becomes('slow', 'unhealthy')).Log;
  assert.equal(probe?.ExitCode, -1);
  assert.equal(probe?.Output, 'Health check exceeded timeout (500ms): begun\n');
  await docker('pause', 'slow');
  await docker('unpause', 'slow');
  await within(10_000, async () => sleepers(await docker('exec', 'slow', 'ps')) <= 1);
  assert.ok(sleepers(await docker('exec', 'slow', 'ps')) <= 1, 'one probe at a time, no orphans');
});

const sleepers = (list: string): number =>
  list.split('\n').filter((line) => line.includes('sleep 1234') && !line.includes('echo')).length;

test('a program that is missing counts as a failure, and shows what the runtime says', async () => {
  const Healthcheck = { Test: ['CMD', 'no-such-program'], Interval: 3e8, Retries: 2 };
  const body = { Image: 'busybox', Cmd: ['sleep', '600'], Healthcheck };
  const made = await daemon.request('POST', '/containers/create?name=missing', body);
  assert.equal(made.status, 201, made.body);
  await docker('start', 'missing');
  const [probe] = (await becomes('missing', 'unhealthy')).Log;
  assert.equal(probe?.ExitCode, -1);
  assert.match(probe?.Output ?? '', /^OCI runtime exec failed: .* executable file not found in/);
});

test('a probe has the user, directory and environment of its container', async () => {
  const flags = ['-e', 'KEY=value', '-u', '65534', '-w', '/tmp'];
  await run('settings', 'id -u; pwd; echo $KEY', ...flags);
  const seen = await becomes('settings', 'healthy');
  assert.equal(seen.Log[0]?.Output, '65534\n/tmp\nvalue\n');
});

test('output is cut after 4096 bytes', async () => {
  await run('loud', 'seq 1 100000');
  const output = (await becomes('loud', 'healthy')).Log[0]?.Output ?? '';
  assert.deepEqual([output.length, output.slice(-3)], [4_099, '...']);
});

test('in the start period failures do not count, and the start interval holds', async () => {
  const period = ['--health-start-period', '1h', '--health-start-interval', '200ms'];
  const rare = ['--health-interval', '1h', '--health-retries', '1'];
  await run('young', 'test -e /tmp/well', ...period, ...rare);
  const seen = await probes('young', 3);
  assert.deepEqual([seen.Status, seen.FailingStreak], ['starting', 0]);
  await docker('exec', 'young', 'touch', '/tmp/well');
  await becomes('young', 'healthy');
});

test('an image brings its check; a container changes it in part, or has none', async () => {
  const Healthcheck = { Test: ['CMD-SHELL', 'true'], Interval: 3e8, Retries: 7 };
  await loadImage(daemon, { repoTags: ['checked:latest'], config: { Healthcheck } });
  const shown = await docker('image', 'inspect', '-f', '{{json .Config.Healthcheck}}', 'checked');
  assert.deepEqual(JSON.parse(shown), Healthcheck);
  const start = (name: string, ...flags: readonly string[]) =>
    docker('run', '-d', '--name', name, ...flags, 'checked', 'sleep', '600');
  await start('inherits');
  await becomes('inherits', 'healthy');
  await start('changes', '--health-retries', '2');
  const changed = JSON.parse(await inspect('changes', '{{json .Config.Healthcheck}}'));
  assert.deepEqual(changed, { ...Healthcheck, Retries: 2 });
  await start('without', '--no-healthcheck');
  assert.equal(await inspect('without', '{{json .State.Health}}'), 'null');
  assert.match(await status('without'), /^Up [^(]*$/);
});

test('a frozen container is not probed, and unhealthy until a probe has passed', async () => {
  await run('frozen', 'true');
  await becomes('frozen', 'healthy');
  await docker('pause', 'frozen');
  assert.match(await status('frozen'), /\(Paused\)$/);
  const before = await health('frozen');
  assert.equal(before.Status, 'unhealthy');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.deepEqual(await health('frozen'), before);
  await docker('unpause', 'frozen');
  await becomes('frozen', 'healthy');
});

test('a pause that meets the start of a probe is answered, and the probes go on', async () => {
  await run('met', 'true', '--health-interval', '20ms');
  for (let times = 0; times < 12; times += 1) {
    await docker('pause', 'met');
    await docker('unpause', 'met');
  }
  await becomes('met', 'healthy');
});

test('each start begins anew; the results before are still shown', async () => {
  await run('again', 'true');
  await becomes('again', 'healthy');
  await docker('stop', '-t', '0', 'again');
  assert.equal((await health('again')).Status, 'unhealthy');
  await docker('start', 'again');
  assert.match(await status('again'), /starting|healthy/);
  assert.ok((await health('again')).Log.length > 0);
  await becomes('again', 'healthy');
});

test('a container can be removed in the midst of a probe, and nothing of it is left', async () => {
  const since = String(Date.now() / 1_000);
  await run('brief', 'sleep 600');
  const filter = ['--filter', 'container=brief', '--filter', 'event=exec_start'];
  await within(10_000, async () => {
    const until = String(Date.now() / 1_000);
    return (await docker('events', '--since', since, '--until', until, ...filter)) !== '';
  });
  await docker('rm', '-f', 'brief');
});
