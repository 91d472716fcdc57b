/** Volumes and mounts with the docker CLI: what a container sees, keeps, and never reaches. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { finish, removeAll, success } from '../support/loadedDaemon.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';

let daemon: TemporaryDaemon;
let work: string;
before(async () => {
  daemon = await startTemporaryDaemon();
  const { archive } = await buildBusyboxImage({
    files: { 'data/hello': 'from the image', 'data/sub/deep': 'deeper', 'own/file': 'mine' },
    links: { out: '/../../../../../../etc', 'data/away': '/etc/passwd' },
    config: { Volumes: { '/own': {} } },
  });
  success(await daemon.dockerWith({ input: archive }, 'load'));
  work = join(daemon.dir, 'work');
  fs.mkdirSync(work);
});
after(() => finish(daemon));
afterEach(async () => {
  await removeAll(daemon);
  await daemon.docker('volume', 'prune', '-af');
});

const docker = (...args: readonly string[]) => daemon.docker(...args);
const done = async (...args: readonly string[]): Promise<string> => success(await docker(...args));
const sh = (...given: readonly string[]) =>
  done(
    'run',
    '--rm',
    '--network',
    'none',
    ...given.slice(0, -1),
    'busybox',
    'sh',
    '-c',
    given.at(-1) ?? '',
  );
const names = async (): Promise<readonly string[]> =>
  (await done('volume', 'ls', '-q')).split('\n').filter((name) => name !== '');
const dataOf = (name: string): string => join(daemon.dataRoot, 'volumes', name, '_data');
const mounted = (path: string): boolean =>
  fs.readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `);

async function refused(text: RegExp, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await docker(...args);
  assert.notEqual(code, 0);
  assert.match(stderr, text);
}

test('a named volume begins with what the image has there, and keeps what is written', async () => {
  await sh('-v', 'data:/data', 'cat /data/hello /data/sub/deep; echo more > /data/new');
  assert.equal(await sh('-v', 'data:/elsewhere', 'cat /elsewhere/new'), 'more');
  assert.equal(fs.readFileSync(join(dataOf('data'), 'hello'), 'utf8'), 'from the image');
  // A link is a link: what it would lead to on the host is not copied.
  assert.equal(fs.readlinkSync(join(dataOf('data'), 'away')), '/etc/passwd');
  assert.deepEqual(await names(), ['data']);
});

test('a volume with something in it, or with nocopy, gets nothing of the image', async () => {
  await sh('-v', 'full:/elsewhere', 'echo own > /elsewhere/own');
  assert.equal(await sh('-v', 'full:/data', 'ls /data'), 'own');
  assert.equal(await sh('-v', 'bare:/data:nocopy', 'ls /data'), '');
});

test('volumes without a name go with --rm and rm -v, and with nothing else', async () => {
  await sh('-v', '/scratch', '-v', 'kept:/kept', 'echo x > /scratch/x; cat /own/file');
  assert.deepEqual(await names(), ['kept']);
  await done('create', '--name', 'one', '--network', 'none', '-v', '/scratch', 'busybox', 'true');
  assert.equal((await names()).length, 3);
  await done('rm', 'one');
  assert.equal((await names()).length, 3);
  await done('create', '--name', 'two', '--network', 'none', '-v', '/scratch', 'busybox', 'true');
  await done('rm', '-v', 'two');
  assert.equal((await names()).length, 3);
});

test('a volume that a container has is not removed, whether or not it runs', async () => {
  await done('create', '--name', 'holder', '--network', 'none', '-v', 'held:/d', 'busybox', 'true');
  await refused(/remove held: volume is in use - \[[0-9a-f]{64}\]/, 'volume', 'rm', 'held');
  await done('rm', 'holder');
  await done('volume', 'rm', 'held');
  assert.equal(fs.existsSync(dataOf('held')), false);
});

test('a create and a removal of its volume at one moment leave both or none', async () => {
  for (let round = 0; round < 5; round += 1) {
    await done('volume', 'create', 'raced');
    const asks = Array.from({ length: 6 }, (_, index) =>
      index % 2 === 0
        ? daemon.request('DELETE', '/volumes/raced')
        : daemon.request('POST', '/containers/create', {
            Image: 'busybox',
            Cmd: ['true'],
            HostConfig: { NetworkMode: 'none', Binds: ['raced:/d'] },
          }),
    );
    for (const [index, { status, body }] of (await Promise.all(asks)).entries()) {
      const fine = index % 2 === 0 ? [204, 404, 409] : [201];
      assert.ok(fine.includes(status), body);
    }
    assert.ok((await names()).includes('raced'));
    assert.ok(fs.existsSync(dataOf('raced')));
    await removeAll(daemon);
  }
});

test('mounts lie in each other by depth, read-only ones with all that is below', async () => {
  const said = await sh(
    ...['-v', 'deep:/a/b/c', '--tmpfs', '/a/b', '-v', 'top:/a', '--tmpfs', '/t:size=1m,exec'],
    ...['--mount', 'type=bind,source=/proc,target=/p,readonly', '-v', 'deep:/r:ro'],
    "cut -d' ' -f5,6 /proc/self/mountinfo | grep -E '^/([atrp]|a/.*) ' | sort; " +
      'touch /r/x 2>&1; true',
  );
  assert.match(said, /^\/a rw,.*\n\/a\/b rw,nosuid.*\n\/a\/b\/c rw,/);
  assert.match(said, /\n\/p ro,/);
  assert.match(said, /\n\/r ro,.*\n\/t rw,nosuid,nodev,relatime\n/);
  assert.match(said, /Read-only file system/);
});

/** Whether runc makes what is mounted below read-only, too. */
const recursive = /"rro"/.test(spawnSync('runc', ['features'], { encoding: 'utf8' }).stdout ?? '');
const onlyFlat = recursive ? false : 'this runc can not make mounts below read-only';

test('what is mounted below a read-only bind is read-only, or as asked', {
  skip: onlyFlat,
}, async () => {
  const outer = join(work, 'outer');
  const inner = join(outer, 'inner');
  fs.mkdirSync(inner, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'below', inner]);
  try {
    const bind = `type=bind,source=${outer},target=/m,readonly`;
    const write = 'touch /m/inner/x 2>&1; ls /m/inner; rm -f /m/inner/x 2>/dev/null';
    assert.match(await sh('--mount', bind, write), /Read-only file system/);
    assert.match(await sh('-v', `${outer}:/m:ro`, write), /Read-only file system/);
    const forced = `${bind},bind-recursive=readonly,bind-propagation=rprivate`;
    assert.match(await sh('--mount', forced, write), /Read-only file system/);
    assert.equal(await sh('--mount', `${bind},bind-recursive=writable`, write), 'x');
    const flat = await sh('--mount', `${bind},bind-recursive=disabled`, 'ls /m /m/inner');
    assert.equal(flat, '/m:\ninner\n\n/m/inner:');
  } finally {
    execFileSync('umount', [inner]);
  }
});

test('a read-only root has its tmpfs and volumes, which can be written', async () => {
  const options = ['--read-only', '--tmpfs', '/run', '-v', 'rw:/rw'];
  const said = await sh(...options, 'touch /run/x /rw/x && touch /x 2>&1; ls /run /rw');
  assert.match(said, /touch: \/x: Read-only file system/);
  assert.equal(said.match(/x$/gm)?.length, 2);
});

test('--volumes-from gives the binds and volumes of another, as far as its mode goes', async () => {
  const source = join(work, 'shared');
  const binds = ['-v', `${source}:/bound`, '-v', 'given:/given', '--tmpfs', '/not'];
  await done('create', '--name', 'donor', '--network', 'none', ...binds, 'busybox', 'true');
  await sh('--volumes-from', 'donor', 'echo 1 > /given/one; echo 2 > /bound/two');
  assert.equal(fs.readFileSync(join(source, 'two'), 'utf8'), '2\n');
  const said = await sh('--volumes-from', 'donor:ro', 'cat /given/one; touch /given/x 2>&1; ls /');
  assert.match(said, /^1\ntouch: \/given\/x: Read-only file system/);
  assert.doesNotMatch(said, /^not$/m);
});

test('cp reaches volumes and binds, of a stopped container and of a running one', async () => {
  const source = join(work, 'binding');
  fs.mkdirSync(source);
  fs.writeFileSync(join(work, 'file'), 'copied');
  const options = ['-v', 'vol:/vol', '-v', `${source}:/bound:ro`, '-v', 'vol:/deep/er'];
  const cmd = ['busybox', 'sleep', '1000'];
  await done('create', '--name', 'box', '--network', 'none', ...options, ...cmd);
  await done('cp', join(work, 'file'), 'box:/vol/stopped');
  assert.equal(fs.readFileSync(join(dataOf('vol'), 'stopped'), 'utf8'), 'copied');
  await refused(/marked read-only/, 'cp', join(work, 'file'), 'box:/bound/file');
  await done('start', 'box');
  await done('cp', join(work, 'file'), 'box:/deep/er/running');
  assert.equal(await done('exec', 'box', 'cat', '/vol/running'), 'copied');
  await done('cp', 'box:/vol/stopped', join(work, 'back'));
  assert.equal(fs.readFileSync(join(work, 'back'), 'utf8'), 'copied');
  assert.doesNotMatch(await done('diff', 'box'), /stopped|running/);
});

test('a device is mounted once, for as long as anybody needs it, through kill -9 too', async () => {
  const data = dataOf('ram');
  const device = ['-o', 'type=tmpfs', '-o', 'device=tmpfs', '-o', 'o=size=1m,uid=7'];
  await done('volume', 'create', ...device, 'ram');
  const run = ['run', '-d', '--network', 'none', '-v', 'ram:/ram', '--name'];
  await done(...run, 'first', 'busybox', 'sleep', '1000');
  await done(...run, 'second', 'busybox', 'sleep', '1000');
  await done('exec', 'first', 'sh', '-c', 'echo hi > /ram/hi');
  assert.equal(await done('exec', 'second', 'cat', '/ram/hi'), 'hi');
  assert.ok(mounted(data));
  await done('rm', '-f', 'first');
  await daemon.kill9();
  await daemon.restart();
  assert.equal(await done('exec', 'second', 'cat', '/ram/hi'), 'hi');
  await done('rm', '-f', 'second');
  assert.equal(mounted(data), false);
});

test('what a killed daemon has left mounted for nobody is unmounted by the next', async () => {
  const device = ['-o', 'type=tmpfs', '-o', 'device=tmpfs'];
  await done('volume', 'create', ...device, 'left');
  const run = ['run', '-d', '--network', 'none', '-v', 'left:/d', '--name', 'gone'];
  await done(...run, 'busybox', 'sleep', '1000');
  const pid = await done('inspect', '-f', '{{.State.Pid}}', 'gone');
  await daemon.kill9();
  process.kill(Number(pid), 'SIGKILL');
  await daemon.restart();
  await done('rm', 'gone');
  assert.equal(mounted(dataOf('left')), false);
  await done('volume', 'rm', 'left');
});

test('a part of a volume is looked up within the volume, wherever its links lead', async () => {
  await sh('-v', 'parts:/v', 'mkdir -p /v/sub && echo in > /v/sub/f && ln -s /etc /v/evil');
  const part = (subpath: string) => `type=volume,source=parts,target=/m,volume-subpath=${subpath}`;
  assert.equal(await sh('--mount', part('sub'), 'cat /m/f'), 'in');
  const run = (subpath: string) =>
    ['run', '--rm', '--network', 'none', '--mount', part(subpath), 'busybox', 'ls', '/m'] as const;
  await refused(/must be a relative path within the volume/, ...run('../..'));
  await refused(/no such file or directory/, ...run('evil'));
});

test('a target that is a link of the image stays within the root', async () => {
  const before = fs.readdirSync('/etc').sort();
  await sh('-v', 'linked:/out/deeper', 'echo x > /out/deeper/x');
  assert.deepEqual(fs.readdirSync('/etc').sort(), before);
  assert.equal(fs.readFileSync(join(dataOf('linked'), 'x'), 'utf8'), 'x\n');
});
