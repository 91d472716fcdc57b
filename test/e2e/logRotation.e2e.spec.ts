/** `--log-opt max-size` and `max-file`: a container's output has a bound, and its end is kept. */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
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

test('a bad value fails the start, and another option says that it is not there yet', async () => {
  const bad = await daemon.docker('run', '--log-opt', 'max-file=0', 'busybox', 'true');
  assert.equal(bad.code, 125);
  assert.match(bad.stderr, /max-file cannot be less than 1/);
  const later = await daemon.docker('run', '--log-opt', 'compress=true', 'busybox', 'true');
  assert.match(later.stderr, /does not support log option compress yet/);
});
