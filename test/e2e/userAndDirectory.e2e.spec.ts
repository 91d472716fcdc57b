/**
 * `-u` and `-w` read and write the container's root before its process exists. Names in it are
 * looked up confined to it: an image's symbolic links never lead to the host.
 */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { finish, loadImage, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

/** A name that nothing on this machine has. */
const unique = `shiplog-e2e-${process.pid}`;

const ids: readonly (readonly [user: string, shown: string])[] = [
  ['web', 'uid=1000(web) gid=1000(web) groups=50(staff),1000(web)'],
  ['1000', 'uid=1000(web) gid=1000(web) groups=50(staff),1000(web)'],
  ['web:staff', 'uid=1000(web) gid=50(staff) groups=50(staff)'],
  ['1234:50', 'uid=1234 gid=50(staff) groups=50(staff)'],
  ['1234', 'uid=1234 gid=0(root) groups=0(root)'],
  ['nobody', 'uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)'],
];

for (const [user, shown] of ids) {
  test(`-u ${user} gives ${shown}`, async () => {
    assert.equal(success(await daemon.docker('run', '--rm', '-u', user, 'busybox', 'id')), shown);
  });
}

test('the home of the user is set, and the environment of the image kept', async () => {
  const script = 'echo $HOME $PATH';
  const at = ['--rm', '-u', 'web', 'busybox', 'sh', '-c', script];
  assert.match(success(await daemon.docker('run', ...at)), /^\/home\/web \/usr\/local\/sbin:/);
});

test('a user of the image is used unless another is given', async () => {
  await loadImage(daemon, { repoTags: ['as-web:1'], config: { User: 'web', WorkingDir: '/srv' } });
  const own = await daemon.docker('run', '--rm', 'as-web:1', 'sh', '-c', 'id -un; pwd');
  assert.equal(success(own), 'web\n/srv');
  const at = ['--rm', '-u', 'root', '-w', '/', 'as-web:1', 'sh', '-c', 'id -un; pwd'];
  assert.equal(success(await daemon.docker('run', ...at)), 'root\n/');
});

test('-w makes the directories that are missing', async () => {
  const at = ['--rm', '-w', '/made/just/now', 'busybox', 'sh', '-c', 'pwd; ls -ld /made'];
  assert.match(success(await daemon.docker('run', ...at)), /^\/made\/just\/now\ndrwxr-xr-x/);
});

test('-w that ends in a file fails and can be removed', async () => {
  const ran = await daemon.docker('run', '--name', 'onfile', '-w', '/etc/passwd', 'busybox', 'pwd');
  assert.equal(ran.code, 125);
  assert.match(ran.stderr, /daemon: Cannot mkdir: \/etc\/passwd is not a directory$/m);
  success(await daemon.docker('rm', 'onfile'));
});

const escapes: readonly (readonly [title: string, target: string])[] = [
  ['an absolute link', '/tmp'],
  ['a link with dots', '../../../../../../../../../tmp'],
  ['a link through proc', '/proc/1/root/tmp'],
];

for (const [at, [title, target]] of escapes.entries()) {
  test(`${title} in the image leads -w nowhere outside`, async () => {
    const tag = `evil:${at}`;
    await loadImage(daemon, { repoTags: [tag], links: { evil: target } });
    const folder = `${unique}-${at}`;
    try {
      const ran = await daemon.docker('run', '--rm', '-w', `/evil/${folder}`, tag, 'pwd');
      assert.ok(!existsSync(`/tmp/${folder}`), 'the directory was made on the host');
      if (ran.code === 0) assert.ok(ran.stdout.trimEnd().endsWith(folder), ran.stdout);
    } finally {
      rmSync(`/tmp/${folder}`, { recursive: true, force: true });
    }
  });
}

test('the password file is read inside, even if it is a link that leads outside', async () => {
  const links = { 'etc/passwd': '/../../../../etc/other' };
  const files = { 'etc/other': 'inside:x:77:78:::/bin/sh\n' };
  await loadImage(daemon, { repoTags: ['linked:1'], links, files });
  const ran = await daemon.docker('run', '--rm', '-u', 'inside', 'linked:1', 'id', '-u');
  assert.equal(success(ran), '77');
  const daemonUser = await daemon.docker('run', '--rm', '-u', 'messagebus', 'linked:1', 'id');
  assert.equal(daemonUser.code, 125);
});

test('a link that leads to itself is an error, not an endless search', async () => {
  const links = { 'etc/passwd': 'passwd', loop: 'loop' };
  await loadImage(daemon, { repoTags: ['loop:1'], links });
  const user = await daemon.docker('run', '--rm', '-u', 'web', 'loop:1', 'id');
  assert.equal(user.code, 125);
  const folder = await daemon.docker('run', '--rm', '-w', '/loop/x', 'loop:1', 'pwd');
  assert.notEqual(folder.code, 0);
});

test('what a run wrote stays in its container and in no other', async () => {
  const write = [
    '--name',
    'writer',
    'busybox',
    'sh',
    '-c',
    'echo $$ >> /tmp/notes; wc -l < /tmp/notes',
  ];
  assert.equal(success(await daemon.docker('run', ...write)), '1');
  assert.equal(success(await daemon.docker('start', '-a', 'writer')), '2');
  const other = await daemon.docker('run', '--rm', 'busybox', 'cat', '/tmp/notes');
  assert.equal(other.code, 1);
});
