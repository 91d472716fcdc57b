/** Log drivers and their options: a container's output has a bound, and its end is kept. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));
const WRITES = 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo line $i; done';

test('the log is kept in three files of at most 10 kB, and read as one', async () => {
  const options = ['--log-opt', 'max-size=10k', '--log-opt', 'max-file=3'];
  await docker('run', '--name', 'chatty', ...options, 'busybox', 'sh', '-c', WRITES);
  const id = await docker('inspect', '-f', '{{.Id}}', 'chatty');
  const directory = join(daemon.dataRoot, 'containers', id);
  const logs = readdirSync(directory).filter((name) => name.includes('-json.log'));
  assert.equal(logs.length, 3);
  for (const name of logs) assert.ok(statSync(join(directory, name)).size <= 10_100, name);
  const lines = (await docker('logs', 'chatty')).split('\n');
  assert.equal(lines.at(-1), 'line 2000');
  const first = Number(lines[0]?.split(' ')[1]);
  assert.deepEqual(
    lines,
    Array.from(lines, (_, index) => `line ${first + index}`),
  );
});

test('local keeps its log compressed, and it is read as one', async () => {
  const options = ['--log-driver', 'local', '--log-opt', 'max-size=10k', '--log-opt', 'max-file=3'];
  await docker('run', '--name', 'local', ...options, 'busybox', 'sh', '-c', WRITES);
  const id = await docker('inspect', '-f', '{{.Id}}', 'local');
  const directory = join(daemon.dataRoot, 'containers', id, 'local-logs');
  const names = () => readdirSync(directory).sort().join();
  assert.ok(
    await within(10_000, () => names() === 'container.log,container.log.1.gz,container.log.2.gz'),
    names(),
  );
  const lines = (await docker('logs', 'local')).split('\n');
  assert.equal(lines.at(-1), 'line 2000');
  const first = Number(lines[0]?.split(' ')[1]);
  assert.deepEqual(
    lines,
    Array.from(lines, (_, index) => `line ${first + index}`),
  );
  assert.equal(await docker('logs', '-n', '2', 'local'), 'line 1999\nline 2000');
});

test('none keeps nothing, and logs say so', async () => {
  const at = ['run', '--name', 'none', '--log-driver', 'none', 'busybox', 'echo', 'seen'];
  assert.equal(await docker(...at), 'seen');
  const { code, stderr } = await daemon.docker('logs', 'none');
  assert.equal(code, 1);
  assert.match(stderr, /configured logging driver does not support reading/);
});

test('labels, variables and a tag are kept with each record, for logs --details', async () => {
  const options = ['--log-opt', 'labels=a', '--log-opt', 'env=E', '--log-opt', 'tag={{.Name}}'];
  const set = ['--label', 'a=1 2', '-e', 'E=x=y'];
  await docker('run', '--name', 'tagged', ...options, ...set, 'busybox', 'echo', 'hi');
  assert.equal(await docker('logs', '--details', 'tagged'), 'E=x%3Dy,a=1+2,tag=tagged hi');
  assert.equal(await docker('logs', 'tagged'), 'hi');
  const path = await docker('inspect', '-f', '{{.LogPath}}', 'tagged');
  assert.match(readFileSync(path, 'utf8'), /"attrs":{"E":"x=y","a":"1 2","tag":"tagged"},"time"/);
});

for (const [options, text] of [
  [['max-file=0'], 'max-file cannot be less than 1'],
  [
    ['compress=true'],
    'compress cannot be true when max-file is less than 2 or max-size is not set',
  ],
  [['tag={{.Nope}}'], "can't evaluate field Nope in type *logger.Info"],
] as const) {
  test(`${options.join()} fails the start in docker's words`, async () => {
    const flags = options.flatMap((option) => ['--log-opt', option]);
    const { code, stderr } = await daemon.docker('run', ...flags, 'busybox', 'true');
    assert.equal(code, 125);
    assert.match(stderr, /failed to initialize logging driver: /);
    assert.ok(stderr.includes(text), stderr);
  });
}
