/** `docker run` by the unmodified CLI: output, exit codes, flags, and nothing left on the host. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { finish, leftBehind, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { run } from '../support/temporaryDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const sh = (script: string) => daemon.docker('run', '--rm', 'busybox', 'sh', '-c', script);

test('version and info name client, server, storage and state', async () => {
  const format = '{{.Client.Version}} {{.Server.APIVersion}} {{.Server.MinAPIVersion}}';
  assert.match(success(await daemon.docker('version', '-f', format)), /^28\.\S+ 1\.55 1\.24$/);
  const info = success(await daemon.docker('info'));
  for (const line of [
    /^ Images: 1$/m,
    /^ Storage Driver: overlayfs$/m,
    /^ Logging Driver: json-file$/m,
    /^ Default Runtime: runc$/m,
    /^ containerd version: \S+/m,
  ]) {
    assert.match(info, line);
  }
  assert.doesNotMatch(info, /WARNING/);
});

test('images lists what was loaded, by name and short id', async () => {
  const format = '{{.Repository}}:{{.Tag}} {{.ID}}';
  assert.match(
    success(await daemon.docker('images', '--format', format)),
    /^busybox:latest \w{12}$/,
  );
});

test('a foreground run keeps the streams apart and gives the exit code', async () => {
  assert.deepEqual(await sh('echo out; echo err >&2; exit 7'), {
    code: 7,
    stdout: 'out\n',
    stderr: 'err\n',
  });
});

test('a large output arrives whole', async () => {
  const { code, stdout } = await sh('seq 1 200000');
  assert.equal(code, 0);
  assert.equal(stdout.split('\n').length, 200_001);
  assert.ok(stdout.endsWith('\n199999\n200000\n'));
});

test('with --rm nothing of the container stays, neither in ps nor on the host', async () => {
  assert.equal((await sh('echo hi')).stdout, 'hi\n');
  assert.equal(success(await daemon.docker('ps', '-aq')), '');
  assert.deepEqual(await leftBehind(daemon), []);
});

test('-d prints the id and leaves it running', async () => {
  const id = success(await daemon.docker('run', '-d', '--name', 'bg', 'busybox', 'sleep', '60'));
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.equal(success(await daemon.docker('ps', '-q', '--no-trunc')), id);
  success(await daemon.docker('rm', '-f', 'bg'));
});

test('-d --rm goes away by itself', async () => {
  const id = success(await daemon.docker('run', '-d', '--rm', 'busybox', 'sleep', '0.3'));
  const waited = await daemon.request('POST', `/containers/${id}/wait?condition=removed`);
  assert.ok(waited.status === 404 || waited.status === 200, String(waited.status));
  assert.equal((await daemon.docker('inspect', id)).code, 1);
});

test('-e, -l, --name, --entrypoint and --hostname reach the container', async () => {
  const flags = ['--name', 'flags', '-e', 'COLOUR=blue', '-l', 'team=a', '--hostname', 'host1'];
  const entry = ['--entrypoint', '/bin/sh', 'busybox', '-c', 'echo $COLOUR $(hostname) $HOSTNAME'];
  assert.equal(success(await daemon.docker('run', ...flags, ...entry)), 'blue host1 host1');
  const format = '{{.Name}} {{.Config.Labels.team}} {{.Path}} {{.Config.Hostname}}';
  const inspected = success(await daemon.docker('inspect', '-f', format, 'flags'));
  assert.equal(inspected, '/flags a /bin/sh host1');
});

test('the host name is the short id by default, and resolves', async () => {
  const ran = await daemon.docker('run', '--name', 'named', 'busybox', 'cat', '/etc/hosts');
  const id = success(await daemon.docker('inspect', '-f', '{{.Id}}', 'named')).slice(0, 12);
  assert.equal(success(await daemon.docker('start', '-a', 'named')), success(ran));
  const { stdout } = await daemon.docker('run', '--rm', 'busybox', 'hostname');
  assert.match(stdout, /^[0-9a-f]{12}\n$/);
  assert.match(id, /^[0-9a-f]{12}$/);
  assert.match(success(ran), /127\.0\.0\.1\s+localhost/);
});

test('--network none has a loopback that is up and nothing else', async () => {
  const list = 'ls /sys/class/net; ip addr show lo';
  const at = ['--rm', '--network', 'none', 'busybox', 'sh', '-c', list];
  const shown = success(await daemon.docker('run', ...at));
  assert.match(shown, /^lo\n/);
  assert.doesNotMatch(shown, /^(eth|ifb)/m);
  assert.match(shown, /<LOOPBACK,UP,LOWER_UP>/);
  assert.match(shown, /inet 127\.0\.0\.1\/8/);
});

test('--network host shares the interfaces and the name of the host', async () => {
  const at = ['--rm', '--network', 'host', 'busybox', 'sh', '-c', 'hostname; ls /sys/class/net'];
  const inside = success(await daemon.docker('run', ...at));
  const outside = await run('sh', ['-c', 'hostname; ls /sys/class/net']);
  // Links of other daemons come and go between the two looks.
  const seen = (text: string) => text.split(/\s+/).filter((word) => !word.startsWith('sl'));
  assert.deepEqual(seen(inside), seen(outside.stdout.trim()));
});

test('two containers do not share a network namespace unless asked to', async () => {
  // Both at once, for the number of a namespace that is gone is used again.
  const names = ['apart-1', 'apart-2'];
  for (const name of names)
    success(await daemon.docker('run', '-d', '--name', name, 'busybox', 'sleep', '1000'));
  const own = await run('readlink', ['/proc/self/ns/net']);
  const spaces = await Promise.all(
    names.map((name) => daemon.docker('exec', name, 'readlink', '/proc/self/ns/net')),
  );
  success(await daemon.docker('rm', '-f', ...names));
  assert.equal(new Set([own.stdout.trim(), ...spaces.map(success)]).size, 3);
});

test('an image that is not there is named, and nothing is left', async () => {
  const { code, stderr } = await daemon.docker('run', '--rm', 'nosuch:1', 'true');
  assert.equal(code, 125);
  assert.match(stderr, /Unable to find image 'nosuch:1' locally/);
});
