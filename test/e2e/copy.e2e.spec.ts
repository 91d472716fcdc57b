/** `docker cp`, `diff`, `export` and `commit`, with the docker CLI, on running and stopped ones. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { finish, loadImage, removeAll, success } from '../support/loadedDaemon.ts';
import { allFacts } from '../support/replay.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';

let daemon: TemporaryDaemon;
let work: string;
before(async () => {
  daemon = await startTemporaryDaemon();
  await loadImage(daemon);
  work = join(daemon.dir, 'work');
  fs.mkdirSync(work);
});
after(() => finish(daemon));
afterEach(() => removeAll(daemon));

const docker = (...args: readonly string[]) => daemon.docker(...args);
const done = async (...args: readonly string[]): Promise<string> => success(await docker(...args));
const run = ['run', '-d', '--network', 'none', '--name'] as const;
const create = ['create', '--network', 'none', '--name'] as const;
const mounts = (): readonly string[] =>
  fs
    .readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(`${daemon.dir}/`) && line.includes('/roots/'));
const descriptors = (): number => fs.readdirSync(`/proc/${daemon.pid()}/fd`).length;

async function refused(text: RegExp, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await docker(...args);
  assert.equal(code, 1, stderr);
  assert.match(stderr, text);
}

test('what goes into a stopped container comes out of it when it runs, byte for byte', async () => {
  const source = join(work, 'source');
  fs.mkdirSync(join(source, 'sub'), { recursive: true });
  execFileSync('dd', ['if=/dev/urandom', `of=${source}/sub/big`, 'bs=1M', 'count=20'], {
    stdio: 'ignore',
  });
  fs.writeFileSync(join(source, 'tool'), '#!/bin/sh\necho it works\n', { mode: 0o4755 });
  fs.symlinkSync('sub/big', join(source, 'link'));
  await done(...create, 'box', 'busybox', 'sleep', '1000');
  await done('cp', source, 'box:/put');
  assert.deepEqual(mounts(), [], 'the root of a stopped container is mounted for the copy alone');
  await done('start', 'box');
  assert.equal(await done('exec', 'box', 'sh', '/put/tool'), 'it works');
  await done('cp', 'box:/put', join(work, 'back'));
  execFileSync('diff', ['-r', '--no-dereference', source, join(work, 'back')]);
  assert.equal(mounts().length, 1, 'one mount, used by both');
  await done('stop', '-t', '0', 'box');
  await until(async () => mounts().length === 0);
  await done('cp', '-L', 'box:/put/link', join(work, 'followed'));
  execFileSync('cmp', [join(source, 'sub/big'), join(work, 'followed')]);
});

test('a file onto a name, into a directory, and through a pipe', async () => {
  fs.writeFileSync(join(work, 'one'), 'one');
  await done(...create, 'box', 'busybox', 'true');
  await done('cp', join(work, 'one'), 'box:/renamed');
  await done('cp', join(work, 'one'), 'box:/etc/');
  await refused(/no such directory|not a directory/, 'cp', join(work, 'one'), 'box:/nowhere/');
  await refused(/Could not find the file \/none in container box/, 'cp', 'box:/none', work);
  const tar = execFileSync('tar', ['-C', work, '-c', 'one']);
  success(await daemon.dockerWith({ input: tar }, 'cp', '-', 'box:/bin'));
  const piped = join(work, 'piped.tar');
  execFileSync('sh', ['-c', `docker cp box:/etc/. - > ${piped}`], { env: environment() });
  assert.match(execFileSync('tar', ['-tf', piped]).toString(), /^\.\/\n(.*\n)*\.\/one\n/);
  assert.deepEqual((await done('diff', 'box')).split('\n'), [
    'C /bin',
    'A /bin/one',
    'C /etc',
    'A /etc/one',
    'A /renamed',
  ]);
});

const environment = () => ({ ...process.env, DOCKER_HOST: `unix://${daemon.socket}` });

test('-a gives it to the user of the container; a read-only root takes nothing', async () => {
  fs.writeFileSync(join(work, 'mine'), 'x');
  fs.chownSync(join(work, 'mine'), 4242, 4242);
  await done(...create, 'box', '--user', '77:88', 'busybox', 'sleep', '1000');
  await done('cp', join(work, 'mine'), 'box:/plain');
  await done('cp', '-a', join(work, 'mine'), 'box:/owned');
  await done('start', 'box');
  const owners = await done('exec', 'box', 'ls', '-ln', '/plain', '/owned');
  assert.match(owners, / 77 +88 .* \/owned\n.* 4242 +4242 .* \/plain/);
  await done(...create, 'fixed', '--read-only', 'busybox', 'true');
  await refused(/container rootfs is marked read-only/, 'cp', join(work, 'mine'), 'fixed:/x');
});

test('a container that swaps a directory for a link never leads out of its root', async () => {
  const secret = join(work, 'secret');
  fs.mkdirSync(secret);
  fs.writeFileSync(join(secret, 'f'), 'of the host');
  const swap = `mkdir /d; echo inside >/d/f; while true; do
    mv /d /e; ln -s ${secret} /d; rm /d; mv /e /d; done`;
  await done(...run, 'racer', 'busybox', 'sh', '-c', swap);
  fs.writeFileSync(join(work, 'given'), 'given');
  for (let round = 0; round < 15; round += 1) {
    const out = join(work, `out${round}`);
    await docker('cp', 'racer:/d/f', out);
    if (fs.existsSync(out)) assert.doesNotMatch(fs.readFileSync(out, 'utf8'), /of the host/);
    await docker('cp', join(work, 'given'), 'racer:/d/f');
    await docker('cp', join(work, 'given'), 'racer:/d');
  }
  assert.deepEqual(fs.readdirSync(secret), ['f']);
  assert.equal(fs.readFileSync(join(secret, 'f'), 'utf8'), 'of the host');
});

test('export is the whole root, running or not, and diff tells what went', async () => {
  await done(...run, 'box', 'busybox', 'sh', '-c', 'rm /bin/cat; echo new >/new; sleep 1000');
  await until(async () => (await done('diff', 'box')).includes('/new'));
  assert.deepEqual((await done('diff', 'box')).split('\n'), ['C /bin', 'D /bin/cat', 'A /new']);
  const tar = join(work, 'export.tar');
  await done('export', '-o', tar, 'box');
  const names = execFileSync('tar', ['-tf', tar]).toString().split('\n');
  assert.ok(names.includes('bin/busybox') && names.includes('new') && names.includes('.dockerenv'));
  assert.ok(!names.includes('bin/cat'));
  assert.equal(execFileSync('tar', ['-xOf', tar, 'new']).toString(), 'new\n');
});

async function until(ready: () => Promise<boolean>): Promise<void> {
  for (let left = 100; !(await ready()); left -= 1) {
    assert.ok(left > 0, 'it has not happened in ten seconds');
    await sleep(100);
  }
}

test('a commit holds what was changed and set, and its image runs', async () => {
  await done(
    ...run,
    'box',
    '-e',
    'A=1',
    'busybox',
    'sh',
    '-c',
    'rm /bin/cat; mkdir /new; sleep 1000',
  );
  await until(async () => (await done('diff', 'box')).includes('/new'));
  const since = String(Math.floor(Date.now() / 1000) - 1);
  const id = await done(
    ...['commit', '-a', 'Somebody', '-m', 'why', '-c', 'ENV B=2', '-c', 'WORKDIR /new'],
    ...['-c', 'CMD ["sh","-c","echo $A $B $PWD; ls /bin/cat"]', 'box', 'team/made:1'],
  );
  assert.equal(await done('inspect', '-f', '{{.State.Status}}', 'box'), 'running');
  const { stdout, stderr } = await docker('run', '--rm', '--network', 'none', 'team/made:1');
  assert.equal(stdout, '1 2 /new\n');
  assert.match(stderr, /No such file/);
  const said = [
    'image',
    'inspect',
    '-f',
    '{{.Id}} {{.Author}} {{.Comment}} {{len .RootFS.Layers}}',
  ];
  assert.match(await done(...said, 'team/made:1'), new RegExp(`^${id} Somebody why 2$`));
  const events = await done('events', '--since', since, '--until', later(), '-f', 'container=box');
  const actions = events.split('\n').map((line) => line.split(' ')[2]);
  assert.deepEqual(actions.slice(-3), ['pause', 'commit', 'unpause']);
  assert.match(events, new RegExp(`comment=why.*imageID=${id}, imageRef=team/made:1`));
  await done(...create, 'same', 'team/made:1');
  const same = await done('commit', 'same');
  assert.match(await done(...said, same), / 2$/);
  await done('rmi', same);
  await done('rm', 'same');
  await done('rmi', 'team/made:1');
});

test('what a container was told in secret is in its commit, and in no row of the log', async () => {
  await done(...create, 'agent', '-e', 'TOKEN=between-us', 'busybox', 'env');
  const id = await done('commit', 'agent');
  const env = await done('image', 'inspect', '-f', '{{.Config.Env}}', id);
  assert.match(env, /TOKEN=between-us/);
  assert.match(await done('run', '--rm', '--network', 'none', id), /^TOKEN=between-us$/m);
  const rows = allFacts(join(daemon.dataRoot, 'log.db')).map((fact) => JSON.stringify(fact.data));
  assert.ok(
    rows.some((row) => row.includes(id)),
    'the image is in the log',
  );
  assert.deepEqual(
    rows.filter((row) => row.includes('between-us')),
    [],
  );
  await done('rm', 'agent');
  await done('rmi', id);
});

const later = (): string => String(Math.ceil(Date.now() / 1000) + 1);

test('copies are told as events, and a stat alone is not', async () => {
  const since = String(Math.floor(Date.now() / 1000));
  await done(...create, 'told', 'busybox', 'true');
  fs.writeFileSync(join(work, 'x'), 'x');
  await done('cp', join(work, 'x'), 'told:/x');
  await done('cp', 'told:/x', join(work, 'y'));
  await done('export', '-o', join(work, 'e.tar'), 'told');
  const events = await done('events', '--since', since, '--until', later(), '-f', 'container=told');
  const actions = events.split('\n').map((line) => line.split(' ')[2]);
  assert.deepEqual(actions, ['create', 'extract-to-dir', 'archive-path', 'export']);
});

/** A request that is cut off by its client after so many bytes of the answer. */
function cutOff(path: string, after: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: daemon.socket, path }, (reply) => {
      let seen = 0;
      reply.on('data', (bytes: Buffer) => {
        seen += bytes.length;
        if (seen >= after) asked.destroy();
      });
      reply.once('close', resolve);
    });
    asked.once('error', reject);
    asked.end();
  });
}

test('clients that go away in between leave no descriptor and no mount behind', async () => {
  const big = join(work, 'big');
  execFileSync('truncate', ['-s', '500M', big]);
  await done(...create, 'box', 'busybox', 'true');
  await done('cp', big, 'box:/big');
  const before = descriptors();
  for (let round = 0; round < 4; round += 1) {
    await cutOff('/containers/box/archive?path=/big', 1_000_000);
    await cutOff('/containers/box/export', 3_000_000);
  }
  await halfPut('/containers/box/archive?path=/');
  await until(async () => mounts().length === 0);
  await until(async () => descriptors() <= before + 2);
  assert.equal((await daemon.docker('cp', 'box:/half', work)).code, 1, 'no half file is left');
  await done('rm', 'box');
});

/** Begins to send a file of a tar, and goes away. */
function halfPut(path: string): Promise<void> {
  const tar = execFileSync('tar', ['-C', work, '--transform', 's/big/half/', '-c', 'big'], {
    maxBuffer: 2 ** 30,
  });
  return new Promise((resolve) => {
    const asked = request({ socketPath: daemon.socket, method: 'PUT', path });
    asked.once('error', () => undefined);
    asked.once('close', resolve);
    asked.write(tar.subarray(0, 2_000_000), () => asked.destroy());
  });
}

test('a container is removed from under a copy at once', async () => {
  await done(...create, 'box', 'busybox', 'true');
  await done('cp', join(work, 'big'), 'box:/big');
  const asked = request({
    socketPath: daemon.socket,
    path: '/containers/box/archive?path=/big',
  });
  const reply = await new Promise<NodeJS.ReadableStream & { destroy(): void }>((resolve) => {
    asked.once('response', resolve);
    asked.end();
  });
  // Nobody reads on: the copy stands still and holds the root.
  await done('rm', '-f', 'box');
  assert.deepEqual(mounts(), []);
  reply.destroy();
});
