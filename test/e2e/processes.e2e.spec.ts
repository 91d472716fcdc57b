/** `docker top` and `docker stats` by the unmodified CLI. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

before(async () => {
  const busy = 'while :; do :; done';
  success(await daemon.docker('run', '-d', '--name', 'busy', 'busybox', 'sh', '-c', busy));
  success(await daemon.docker('create', '--name', 'still', 'busybox', 'true'));
});

test('top lists the processes of the container alone, with pids of the host', async () => {
  const pid = success(await daemon.docker('inspect', '-f', '{{.State.Pid}}', 'busy'));
  const [title = '', ...lines] = success(await daemon.docker('top', 'busy')).split('\n');
  assert.match(title, /^UID +PID +PPID .* CMD$/);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', new RegExp(`^\\S+ +${pid} .* sh -c while :; do :; done$`));
  const asked = success(await daemon.docker('top', 'busy', '-o', 'pid,comm')).split('\n');
  assert.match(asked[1] ?? '', new RegExp(`^${pid} +sh$`));
  assert.match((await daemon.docker('top', 'busy', '-Z9')).stderr, /ps: /);
  assert.match((await daemon.docker('top', 'still')).stderr, /is not running/);
});

test('stats has a busy container use a processor', async () => {
  const format = '{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.PIDs}}';
  const said = success(await daemon.docker('stats', '--no-stream', '--format', format, 'busy'));
  const found = /^busy ([\d.]+)% ([\d.]+)\w+ \/ [\d.]+GiB 1$/.exec(said);
  assert.ok(found !== null && Number(found[1]) > 1 && Number(found[2]) > 0, said);
});

test('stats of one that does not run are zeros', async () => {
  const { body } = await daemon.request('GET', '/containers/still/stats?stream=0');
  assert.equal(JSON.parse(body).read, '0001-01-01T00:00:00Z');
});
