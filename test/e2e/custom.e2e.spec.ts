/** Containers of a root file system that lies on the host, and of an OCI spec of the user's own. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
const place = mkdtempSync(join(tmpdir(), 'shiplog-root-'));
const rootPath = join(place, 'root');
after(async () => {
  await finish(daemon);
  rmSync(place, { recursive: true });
});

const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));
const create = (name: string, body: object) =>
  daemon.request('POST', `/shiplog/v1/containers?name=${name}`, body);
const inspect = async (name: string) =>
  JSON.parse((await daemon.request('GET', `/containers/${name}/json`)).body);

async function unpackRoot(): Promise<void> {
  mkdirSync(rootPath);
  const archive = join(place, 'root.tar');
  await docker('create', '--name', 'source', 'busybox');
  await docker('export', '-o', archive, 'source');
  await docker('rm', 'source');
  execFileSync('tar', ['-xf', archive, '-C', rootPath]);
}

const mount = (destination: string, type: string) => ({ destination, type, source: type });
const spec = (args: readonly string[], process: object = {}) => ({
  ociVersion: '1.0.2',
  process: {
    args,
    cwd: '/',
    env: ['PATH=/bin', 'TOKEN=hidden'],
    user: { uid: 1000, gid: 50 },
    rlimits: [{ type: 'RLIMIT_CORE', soft: 1, hard: 2 ** 64 }],
    ...process,
  },
  hostname: 'of-the-spec',
  mounts: [mount('/proc', 'proc'), { ...mount('/dev', 'tmpfs'), options: ['mode=755'] }],
  linux: {
    namespaces: ['pid', 'mount', 'uts', 'ipc', 'network'].map((type) => ({ type })),
    resources: { pids: { limit: 40 } },
  },
});

test('a root of the host is used in place, survives the daemon, and is never removed', async () => {
  await unpackRoot();
  const script = 'echo begun; echo x > /written; exec sleep 600';
  const options = { Cmd: ['sh', '-c', script], Labels: { of: 'mine' } };
  assert.equal((await create('placed', { rootPath, options })).status, 201);
  await docker('start', 'placed');
  await within(20_000, async () => (await docker('logs', 'placed')) === 'begun');
  await daemon.kill9();
  await daemon.restart();
  assert.equal(await docker('exec', 'placed', 'cat', '/written'), 'x');
  assert.equal(readFileSync(join(rootPath, 'written'), 'utf8'), 'x\n');
  const { Image, Config, Shiplog } = await inspect('placed');
  assert.deepEqual([Image, Config.Image, Shiplog.RootPath], ['', '', rootPath]);
  const { stderr } = await daemon.docker('diff', 'placed');
  assert.match(stderr, /nobody knows what was changed in /);
  const looked = await daemon.request('POST', '/shiplog/v1/reconcile', { dryRun: true });
  assert.deepEqual(JSON.parse(looked.body).differences, []);
  await docker('rm', '-f', 'placed');
  assert.ok(existsSync(join(rootPath, 'bin/busybox')));
});

test('what is mounted below such a root is seen where it is asked for by its path', async () => {
  const below = join(rootPath, 'below');
  mkdirSync(below, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', below]);
  try {
    writeFileSync(join(below, 'x'), '');
    const Cmd = ['sh', '-c', 'ls /below; echo of; ls /shown'];
    const options = { Cmd, HostConfig: { Binds: [`${below}:/shown`] } };
    assert.equal((await create('below', { rootPath, options })).status, 201);
    assert.equal(await docker('start', '-a', 'below'), 'of\nx');
    await docker('rm', 'below');
    assert.ok(existsSync(join(below, 'x')), 'nothing of the host is unmounted');
  } finally {
    execFileSync('umount', [below]);
  }
});

test('a spec says what runs; the group, the network and the environment are put in', async () => {
  const script = 'id -u; hostname; echo $TOKEN; ulimit -c; ulimit -Hc; sleep 600';
  const { status, body } = await create('own', {
    image: 'busybox',
    spec: spec(['sh', '-c', script]),
  });
  assert.equal(status, 201, body);
  await docker('start', 'own');
  const told = '1000\nof-the-spec\nhidden\n0\nunlimited';
  await within(20_000, async () => (await docker('logs', 'own')).split('\n').length === 5);
  assert.equal(await docker('logs', 'own'), told);
  assert.equal(await docker('exec', 'own', 'sh', '-c', 'id -g; echo $TOKEN'), '50\nhidden');
  assert.equal(await docker('exec', '-u', '0', 'own', 'id', '-u'), '0');
  const { Id, Path, Config, Shiplog, HostConfig } = await inspect('own');
  assert.deepEqual([Path, Config.User, HostConfig.NetworkMode], ['sh', '1000:50', 'none']);
  assert.deepEqual(Config.Env, ['PATH=/bin', 'TOKEN=hidden']);
  assert.equal(JSON.stringify(Shiplog.Spec).includes('hidden'), false);
  assert.match(
    await docker('exec', 'own', 'cat', '/proc/self/cgroup'),
    new RegExp(`/shiplog/${Id}$`, 'm'),
  );
  await docker('restart', '-t', '0', 'own');
  await within(20_000, async () => (await docker('logs', 'own')) === `${told}\n${told}`);
  assert.equal(await docker('exec', 'own', 'hostname'), 'of-the-spec');
  await docker('cp', 'own:/etc/hosts', join(place, 'hosts'));
});

test('a spec alone names its root, and a missing one is said', async () => {
  const root = { path: rootPath, readonly: true };
  const given = { ...spec(['touch', '/no'], { user: { uid: 0, gid: 0 } }), root };
  assert.equal((await create('alone', { spec: given })).status, 201);
  const { code, stderr } = await daemon.docker('start', '-a', 'alone');
  assert.equal(code, 1);
  assert.match(stderr, /Read-only file system/);
  const missing = await create('missing', {
    rootPath: join(place, 'nothing'),
    options: { Cmd: ['x'] },
  });
  assert.equal(missing.status, 500);
  assert.match(missing.body, /no such directory/);
});

const WRONG: readonly (readonly [string, object, RegExp])[] = [
  ['nothing', {}, /an image or the path of a root file system must be named/],
  ['both', { image: 'busybox', rootPath: '/x', options: { Cmd: ['x'] } }, /exclude each other/],
  ['a relative root', { rootPath: 'x', options: { Cmd: ['x'] } }, /must be an absolute path/],
  ['hooks', { image: 'busybox', spec: { ...spec(['x']), hooks: {} } }, /hooks are not run/],
  [
    'what the spec says itself',
    { image: 'busybox', spec: spec(['x']), options: { HostConfig: { Binds: ['/:/x'] } } },
    /options.HostConfig.Binds can not stand beside a spec/,
  ],
  ['no program', { image: 'busybox', spec: spec([]) }, /spec.process.args/],
];

for (const [title, body, message] of WRONG) {
  test(`refused: ${title}`, async () => {
    const answer = await create('refused', body);
    assert.equal(answer.status, 400, answer.body);
    assert.match(answer.body, message);
  });
}
