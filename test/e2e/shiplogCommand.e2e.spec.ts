/** The shiplog command as its own process against a real daemon, and as the daemon. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ctrOf } from '../support/ctr.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { type Ran, run } from '../support/temporaryDaemon.ts';
import { ROOT } from '../tidy/project.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));
const { ctr } = await ctrOf(daemon);
const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));

function shiplog(...args: readonly string[]): Promise<Ran> {
  const env = { PATH: process.env['PATH'] ?? '', DOCKER_HOST: `unix://${daemon.socket}` };
  return run(join(ROOT, 'cli/shiplog.sh'), args, { env, timeoutMs: 30_000 });
}

test('all is well: status and a dry run exit with 0', async () => {
  await docker('run', '-d', '--name', 'web', 'busybox', 'sleep', '600');
  assert.match(success(await shiplog('status')), /^daemon +\S+, ready$/m);
  const dry = success(await shiplog('reconcile', '--dry-run'));
  assert.equal(dry, '1 container compared, nothing differs');
});

test('inspect tells the life of a container, and of one that is gone', async () => {
  const told = success(await shiplog('inspect', 'web'));
  assert.match(told, /^state +running$/m);
  assert.match(told, /container\.create-requested +.*uid 0/);
  const id = await docker('create', '--name', 'brief', 'busybox', 'sh', '-c', 'exit 4');
  await docker('start', 'brief');
  await daemon.docker('wait', 'brief');
  await docker('rm', 'brief');
  const gone = success(await shiplog('inspect', id.slice(0, 12)));
  assert.match(gone, /^state +removed$/m);
  assert.match(gone, /exit 4 \(task ended\)/);
  assert.match(gone, /^removal +asked .* by .*uid 0.* done /m);
  const json = JSON.parse(success(await shiplog('inspect', id, '--format', 'json')));
  assert.equal(json.runs[0].exit.code, 4);
});

test('what differs: exit status 2 of a dry run, which changes nothing', async () => {
  const run = ['run', '-d', '--snapshotter', 'overlayfs', 'docker.io/library/busybox:latest'];
  await ctr(...run, 'stranger', 'sleep', '600');
  const before = JSON.parse(success(await shiplog('status', '--format', 'json'))).position;
  const dry = await shiplog('reconcile', '--dry-run');
  assert.deepEqual([dry.code, dry.stderr], [2, '']);
  assert.match(dry.stdout, /^task stranger \(running, process \d+\): the log does not know it/);
  const after = JSON.parse(success(await shiplog('status', '--format', 'json'))).position;
  assert.equal(after, before, 'no fact');
  assert.match(success(await shiplog('reconcile')), /^task stranger/);
  const status = await shiplog('status');
  assert.equal(status.code, 2);
  assert.match(status.stdout, /^differs: task stranger/m);
  assert.match(success(await shiplog('reconcile', '--adopt', 'stranger')), /^adopted: stranger$/m);
  assert.equal((await shiplog('status')).code, 0);
  assert.match(success(await shiplog('inspect', 'stranger')), /^adopted +made by somebody else/m);
  await docker('rm', '-f', 'stranger');
});

test('images that lost something in containerd are named', async () => {
  const id = await docker('image', 'inspect', '-f', '{{.Id}}', 'busybox');
  await docker('rm', '-f', 'web');
  await ctr('content', 'rm', id);
  const dry = await shiplog('reconcile', '--dry-run');
  assert.equal(dry.code, 2);
  assert.match(dry.stdout, new RegExp(`^image ${id}: containerd has no config ${id}$`, 'm'));
});

test('errors are one line and exit status 1', async () => {
  for (const args of [['inspect', 'nosuch'], ['nosuch'], ['status', '-H', 'unix:///nosuch.sock']]) {
    const { code, stdout, stderr } = await shiplog(...args);
    assert.deepEqual([code, stdout], [1, ''], args.join(' '));
    assert.match(stderr, /^shiplog: /);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});

test('help teaches; the daemon has its own', async () => {
  assert.match(success(await shiplog('--help')), /^ {2}reconcile +Compare/m);
  assert.match(success(await shiplog('reconcile', '--help')), /^Exit status: 0/m);
  assert.match(success(await shiplog('daemon', '--help')), /--data-root DIR/);
  assert.match(success(await shiplog('daemon', '--version')), /^shiplog version /);
});
