/** Containers that share namespaces: IPC with its memory, PID, and the host's. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));
const long = (name: string, ...args: readonly string[]) =>
  docker('run', '-d', '--name', name, ...args, 'busybox', 'sleep', '600');
const show = (name: string, field: string) => docker('inspect', '-f', `{{${field}}}`, name);
const fails = async (...args: readonly string[]) => {
  const ran = await daemon.docker(...args);
  assert.notEqual(ran.code, 0);
  return ran.stderr;
};

test('a shareable container gives its IPC namespace and its memory', async () => {
  const id = await long('donor', '--ipc', 'shareable', '--shm-size', '8m');
  await docker('exec', 'donor', 'sh', '-c', 'echo shared > /dev/shm/x');
  await long('joiner', '--ipc', 'container:donor');
  assert.equal(await docker('exec', 'joiner', 'cat', '/dev/shm/x'), 'shared');
  assert.equal(await show('joiner', '.HostConfig.IpcMode'), `container:${id}`);
  const of = async (name: string) => readlink(`/proc/${await show(name, '.State.Pid')}/ns/ipc`);
  assert.equal(await of('donor'), await of('joiner'));
  assert.match(await docker('exec', 'joiner', 'df', '/dev/shm'), /\b8192\b/);
});

test('who joins a joiner shares the memory of the first', async () => {
  await docker('run', '--rm', '--ipc', 'container:joiner', 'busybox', 'touch', '/dev/shm/third');
  assert.match(await docker('exec', 'donor', 'ls', '/dev/shm'), /third/);
});

test('the shared memory outlives the daemon', async () => {
  await daemon.kill9();
  assert.ok(await daemon.boot());
  assert.equal(await docker('exec', 'donor', 'cat', '/dev/shm/x'), 'shared');
  const last = await docker(
    'run',
    '--rm',
    '--ipc',
    'container:donor',
    'busybox',
    'cat',
    '/dev/shm/x',
  );
  assert.equal(last, 'shared');
});

test('a private container gives nothing, and none has no memory at all', async () => {
  await long('private', '--ipc', 'private');
  const refused = await fails('run', '--rm', '--ipc', 'container:private', 'busybox', 'true');
  assert.match(
    refused,
    /non-shareable IPC \(hint: use IpcMode:shareable for the donor container\)/,
  );
  const none = await docker('run', '--rm', '--ipc', 'none', 'busybox', 'cat', '/proc/mounts');
  assert.doesNotMatch(none, /\/dev\/shm/);
});

test('a donor that does not run is said, at create by its absence, later at start', async () => {
  assert.match(await fails('create', '--ipc', 'container:nobody', 'busybox'), /No such container/);
  await docker('create', '--name', 'idle', '--ipc', 'shareable', 'busybox', 'true');
  await docker('create', '--name', 'late', '--ipc', 'container:idle', 'busybox', 'true');
  const id = await show('idle', '.Id');
  const { status, body } = await daemon.request('POST', '/containers/late/start');
  assert.equal(status, 409);
  assert.ok(body.includes(`failed to join IPC namespace: container ${id} is not running`), body);
});

test('the memory goes with the run, and is another one in the next', async () => {
  const place = `${daemon.execRoot}/shm/${await show('donor', '.Id')}`;
  assert.ok(existsSync(place));
  await docker('rm', '-f', 'joiner');
  await docker('stop', '-t', '0', 'donor');
  await docker('start', 'donor');
  assert.equal(await docker('exec', 'donor', 'ls', '/dev/shm'), '');
  await long('gone', '--ipc', 'shareable');
  const other = `${daemon.execRoot}/shm/${await show('gone', '.Id')}`;
  assert.ok(existsSync(other));
  await docker('rm', '-f', 'gone');
  assert.equal(existsSync(other), false);
});

test('processes of another container, and of the host', async () => {
  const ps = ['busybox', 'sh', '-c', 'cat /proc/1/cmdline; echo; readlink /proc/self/ns/pid'];
  const joined = await docker('run', '--rm', '--pid', 'container:donor', ...ps);
  assert.match(joined, /^sleep/);
  const host = await docker('run', '--rm', '--pid', 'host', ...ps);
  assert.equal(host.split('\n').at(-1), await readlink('/proc/self/ns/pid'));
  await docker('stop', '-t', '0', 'donor');
  await docker('create', '--name', 'pidless', '--pid', 'container:donor', 'busybox', 'true');
  const { status, body } = await daemon.request('POST', '/containers/pidless/start');
  assert.equal(status, 500);
  assert.match(body, /container [0-9a-f]{64} is not running/);
});

test("the host's names", async () => {
  const own = await readlink('/proc/self/ns/uts');
  const at = ['--uts', 'host', '--network', 'none', 'busybox', 'readlink', '/proc/self/ns/uts'];
  assert.equal(await docker('run', '--rm', ...at), own);
});

/** As long as it runs, and after. A copy replaces nothing that is mounted, as with dockerd. */
async function copiesWhatItSees(name: string, donor: string): Promise<void> {
  const hosts = join(daemon.dir, 'hosts');
  const copied = async (): Promise<string> => {
    await docker('cp', `${name}:/etc/hosts`, hosts);
    return readFileSync(hosts, 'utf8').trimEnd();
  };
  assert.equal(await copied(), await docker('exec', donor, 'cat', '/etc/hosts'));
  assert.match(await fails('cp', hosts, `${name}:/etc/hosts`), /device or resource busy/);
  await docker('stop', '-t', '0', name);
  await docker('exec', donor, 'sh', '-c', 'echo 192.0.2.8 more >> /etc/hosts');
  assert.match(await copied(), /^192\.0\.2\.8 more$/m);
  await docker('start', name);
}

test('who joins a network has the names of whose it is, and knows the others', async () => {
  await docker('network', 'create', 'front');
  await long('web', '--network', 'front', '-h', 'site');
  await long('beside', '--network', 'container:web');
  const files = ['cat', '/etc/hosts', '/etc/resolv.conf', '/etc/hostname'];
  const own = await docker('exec', 'web', ...files);
  assert.match(own, /^nameserver 127\.0\.0\.11$/m);
  assert.equal(await docker('exec', 'beside', ...files), own);
  assert.equal(await docker('exec', 'beside', 'hostname'), 'site');
  assert.equal(await show('beside', '.Config.Hostname'), 'site');
  await copiesWhatItSees('beside', 'web');
  await docker(
    'run',
    '--rm',
    '--network',
    'container:beside',
    'busybox',
    'grep',
    'site',
    '/etc/hosts',
  );
});
