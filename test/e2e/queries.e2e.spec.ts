/** What ps, inspect and images show, and what load takes and refuses. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { isAlive } from '../support/leftovers.ts';
import { finish, loadImage, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));
const sleeper = ['busybox', 'sleep', '600'];
await docker('create', '--name', 'new', '-l', 'tier=db', ...sleeper);
await docker('run', '-d', '--name', 'up', '-l', 'tier=web', '-e', 'A=b', ...sleeper);
await docker('run', '-d', '--name', 'held', ...sleeper);
await docker('pause', 'held');
await daemon.docker('run', '--name', 'over', 'busybox', 'sh', '-c', 'exit 3');

const list = async (...flags: readonly string[]) =>
  (await docker('ps', '--format', '{{.Names}}', ...flags)).split('\n').filter(Boolean);

test('ps shows what runs, newest first; -a shows all', async () => {
  assert.deepEqual(await list(), ['held', 'up']);
  assert.deepEqual(await list('-a'), ['over', 'held', 'up', 'new']);
  assert.deepEqual(await list('-l'), ['over']);
  assert.deepEqual(await list('-n', '2'), ['over', 'held']);
});

test('the status of each state is worded as Docker words it', async () => {
  const told = await docker('ps', '-a', '--format', '{{.Names}}: {{.Status}} [{{.Command}}]');
  const lines = told.split('\n');
  const past = /(Less than a second|\d+ seconds?)/.source;
  for (const [at, shown] of [
    `over: Exited \\(3\\) ${past} ago \\["sh -c 'exit 3'"\\]`,
    `held: Up ${past} \\(Paused\\) \\["sleep 600"\\]`,
    `up: Up ${past} \\["sleep 600"\\]`,
    'new: Created \\["sleep 600"\\]',
  ].entries()) {
    assert.match(lines[at] ?? '', new RegExp(`^${shown}$`));
  }
});

const filters: readonly (readonly [filter: string, names: readonly string[]])[] = [
  ['status=paused', ['held']],
  ['status=running', ['up']],
  ['status=created', ['new']],
  ['exited=3', ['over']],
  ['label=tier', ['up', 'new']],
  ['label=tier=web', ['up']],
  ['name=ove', ['over']],
  ['ancestor=busybox', ['over', 'held', 'up', 'new']],
  ['before=held', ['up', 'new']],
  ['since=held', ['over']],
];
for (const [filter, names] of filters) {
  test(`ps --filter ${filter}`, async () => {
    assert.deepEqual(await list('-a', '--filter', filter), names);
  });
}

test('a filter that does not exist is refused', async () => {
  const ran = await daemon.docker('ps', '--filter', 'bogus=1');
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /invalid filter 'bogus'/);
});

test('inspect tells what was asked for and what became of it', async () => {
  const [shown] = JSON.parse(await docker('inspect', 'up'));
  assert.match(shown.Id, /^[0-9a-f]{64}$/);
  assert.deepEqual([shown.Path, shown.Args, shown.Name], ['sleep', ['600'], '/up']);
  const { Config, State, HostConfig } = shown;
  assert.deepEqual(
    [Config.Image, Config.Labels, Config.Cmd],
    ['busybox', { tier: 'web' }, ['sleep', '600']],
  );
  assert.ok(Config.Env.includes('A=b'));
  assert.equal(Config.Hostname, shown.Id.slice(0, 12));
  assert.deepEqual(
    [State.Status, State.Running, State.Paused, State.OOMKilled, State.ExitCode, State.Error],
    ['running', true, false, false, 0, ''],
  );
  assert.ok(isAlive(State.Pid));
  assert.match(State.StartedAt, /^\d{4}-\d\d-\d\dT[\d:]+(\.\d+)?Z$/);
  assert.equal(State.FinishedAt, '0001-01-01T00:00:00Z');
  assert.equal(HostConfig.RestartPolicy.Name, 'no');
  assert.equal(HostConfig.LogConfig.Type, 'json-file');
  assert.ok(String(shown.LogPath).startsWith(daemon.dataRoot));
});

test('inspect of an exited one has its code, its times, and no pid', async () => {
  const format = '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}} {{.State.Running}}';
  assert.equal(await docker('inspect', '-f', format, 'over'), 'exited 3 0 false');
  const [{ Created, State }] = JSON.parse(await docker('inspect', 'over'));
  assert.ok(Created < State.StartedAt && State.StartedAt < State.FinishedAt);
});

test('the secret values of the environment are in no row of the log', async () => {
  await docker('run', '--rm', '-e', 'TOKEN=very-secret-value', 'busybox', 'true');
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(`${daemon.dataRoot}/log.db`, { readOnly: true });
  try {
    const found = database
      .prepare("SELECT count(*) AS n FROM facts WHERE data LIKE '%very-secret-value%'")
      .get();
    assert.equal(found?.['n'], 0);
  } finally {
    database.close();
  }
});

test('load takes a compressed archive with several names', async () => {
  const { archive } = await buildBusyboxImage({ repoTags: ['app:1', 'reg.test:5000/app:2'] });
  const ran = await daemon.dockerWith({ input: gzipSync(archive) }, 'load');
  assert.equal(success(ran), 'Loaded image: app:1\nLoaded image: reg.test:5000/app:2');
  assert.equal(await docker('run', '--rm', 'reg.test:5000/app:2', 'echo', 'hi'), 'hi');
});

test('load moves a name from an older image to a newer one', async () => {
  const old = await loadImage(daemon, { repoTags: ['moving:1'], labels: { v: '1' } });
  const next = await loadImage(daemon, { repoTags: ['moving:1'], labels: { v: '2' } });
  assert.notEqual(old, next);
  const ids = await docker('images', '--no-trunc', '--format', '{{.ID}}', 'moving:1');
  assert.equal(ids, next);
});

test('load refuses what is no archive, and keeps nothing of it', async () => {
  const before = await docker('images', '-aq');
  const { archive } = await buildBusyboxImage({ repoTags: ['broken:1'] });
  for (const input of ['no archive at all', archive.subarray(0, archive.length / 2)]) {
    const ran = await daemon.dockerWith({ input }, 'load');
    assert.equal(ran.code, 1, ran.stdout);
    assert.notEqual(ran.stderr, '');
  }
  assert.equal(await docker('images', '-aq'), before);
});

test("an image's command, entry point and environment are what a run gets", async () => {
  const entrypoint = ['sh', '-c', 'echo "$GREETING $0 $*"'];
  const env = ['PATH=/bin', 'GREETING=hello'];
  await loadImage(daemon, { repoTags: ['greeter:1'], entrypoint, cmd: ['you', 'two'], env });
  assert.equal(await docker('run', '--rm', 'greeter:1'), 'hello you two');
  assert.equal(await docker('run', '--rm', 'greeter:1', 'me'), 'hello me');
  const other = ['--rm', '-e', 'GREETING=bye', '--entrypoint', 'echo', 'greeter:1'];
  assert.equal(await docker('run', ...other), '');
});
