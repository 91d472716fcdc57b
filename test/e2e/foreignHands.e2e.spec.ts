/** What somebody does to our containers with containerd's own command while the daemon runs. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ctrOf } from '../support/ctr.ts';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));
const { ctr, deleteRecord } = await ctrOf(daemon);
const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));

async function becomes(name: string, status: string): Promise<void> {
  const now = () => docker('inspect', '-f', '{{.State.Status}}', name);
  assert.ok(await within(10_000, async () => (await now()) === status), `${name}: ${await now()}`);
}

const seconds = () => `${(Date.now() / 1000).toFixed(3)}`;
async function eventsSince(since: string, name: string): Promise<readonly string[]> {
  const filter = ['--filter', `container=${name}`, '--format', '{{.Action}}'];
  return (await docker('events', '--since', since, '--until', seconds(), ...filter)).split('\n');
}

test('paused and resumed by hand: the log follows, events are told', async () => {
  const id = await docker('run', '-d', '--name', 'held', 'busybox', 'sleep', '600');
  const since = seconds();
  await ctr('task', 'pause', id);
  await becomes('held', 'paused');
  await ctr('task', 'resume', id);
  await becomes('held', 'running');
  assert.deepEqual(await eventsSince(since, 'held'), ['pause', 'unpause']);
  await docker('rm', '-f', 'held');
});

test('paused by hand while the daemon was away: the next one shows it', async () => {
  const id = await docker('run', '-d', '--name', 'held', 'busybox', 'sleep', '600');
  await daemon.kill9();
  await ctr('task', 'pause', id);
  await daemon.restart();
  await becomes('held', 'paused');
  await docker('unpause', 'held');
  await becomes('held', 'running');
  await docker('rm', '-f', 'held');
});

test('killed by hand: the exit is the one that the process had', async () => {
  const id = await docker('run', '-d', '--name', 'shot', 'busybox', 'sleep', '600');
  await ctr('task', 'kill', '-s', 'SIGKILL', id);
  await becomes('shot', 'exited');
  assert.equal(await docker('inspect', '-f', '{{.State.ExitCode}}', 'shot'), '137');
  await docker('start', 'shot');
  await docker('rm', '-f', 'shot');
});

/** The shim may be gone before it has answered who waits: then nobody knows, and that is said. */
test('the task removed by hand: the exit is the true one, or unknown with evidence', async () => {
  const id = await docker('run', '-d', '--name', 'taken', 'busybox', 'sleep', '600');
  await ctr('task', 'rm', '-f', id);
  await becomes('taken', 'exited');
  const { body } = await daemon.request('GET', `/shiplog/v1/containers/${id}`);
  const { code, evidence } = JSON.parse(body).runs[0].exit;
  if (code === null) assert.match(evidence, /no task/);
  else assert.equal(code, 137);
  await docker('start', 'taken');
  await docker('rm', '-f', 'taken');
});

test('the task removed by hand while the daemon was away: its exit is unknown', async () => {
  const id = await docker('run', '-d', '--name', 'taken', 'busybox', 'sleep', '600');
  await daemon.kill9();
  await ctr('task', 'rm', '-f', id);
  await daemon.restart();
  await becomes('taken', 'exited');
  assert.equal(await docker('inspect', '-f', '{{.State.ExitCode}}', 'taken'), '255');
  await docker('start', 'taken');
  await docker('rm', '-f', 'taken');
});

test('the record removed by hand: it is written again, and the exit is known', async () => {
  for (const away of [false, true]) {
    const id = await docker('run', '-d', '--name', 'bare', 'busybox', 'sleep', '600');
    if (away) await daemon.kill9();
    await deleteRecord(id);
    if (away) await daemon.restart();
    const recorded = async () => (await ctr('c', 'ls', '-q')).trim() === id;
    assert.ok(await within(10_000, recorded), daemon.output().slice(-2_000));
    await docker('pause', 'bare');
    await docker('unpause', 'bare');
    assert.equal(await docker('exec', 'bare', 'echo', 'hi'), 'hi');
    await docker('stop', '-t', '1', 'bare');
    assert.equal(await docker('inspect', '-f', '{{.State.ExitCode}}', 'bare'), '137');
    await docker('start', 'bare');
    await docker('rm', '-f', 'bare');
  }
});

test('the file system removed by hand: start says why, inspect and removal go on', async () => {
  await docker('run', '--name', 'rootless', 'busybox', 'true');
  const id = await docker('inspect', '-f', '{{.Id}}', 'rootless');
  await ctr('snapshots', 'rm', id);
  const started = await daemon.docker('start', 'rootless');
  assert.equal(started.code, 1);
  assert.match(started.stderr, /snapshot/);
  assert.equal(await docker('inspect', '-f', '{{.State.Status}}', 'rootless'), 'exited');
  assert.match(await docker('inspect', '-f', '{{.State.Error}}', 'rootless'), /snapshot/);
  await docker('rm', 'rootless');
});

const RUN = ['run', '-d', '--snapshotter', 'overlayfs', 'docker.io/library/busybox:latest'];
const reconcile = async (asked: object) => {
  const { status, body } = await daemon.request('POST', '/shiplog/v1/reconcile', asked);
  assert.equal(status, 200, body);
  return JSON.parse(body);
};

test('a task of somebody else is named and left alone', async () => {
  await ctr(...RUN, 'stranger', 'sleep', '600');
  const { differences } = await reconcile({});
  assert.equal(differences.length, 1);
  assert.match(
    differences[0].sentence,
    /^task stranger \(running, process \d+\): the log does not/,
  );
  assert.match(await docker('info', '-f', '{{.Warnings}}'), /task stranger/);
  await daemon.restart();
  assert.match(await ctr('task', 'ls'), /^stranger +\d+ +RUNNING/m);
  assert.equal(await docker('ps', '-aq'), '');
});

test('adopted, it is listed, paused, stopped with its true code, and removed', async () => {
  const report = await reconcile({ adoptAll: true });
  assert.deepEqual([report.adopted, report.notAdopted], [['stranger'], []]);
  assert.deepEqual((await reconcile({ dryRun: true })).differences, []);
  const shown = JSON.parse(await docker('inspect', 'stranger'))[0];
  assert.equal(shown.State.Status, 'running');
  assert.deepEqual([shown.Path, shown.Args], ['sleep', ['600']]);
  assert.ok(Date.now() - Date.parse(shown.State.StartedAt) < 60_000, shown.State.StartedAt);
  const native = JSON.parse((await daemon.request('GET', '/shiplog/v1/containers/stranger')).body);
  assert.ok(native.adopted.unknown.includes('environment'));
  await docker('pause', 'stranger');
  await docker('unpause', 'stranger');
  const exec = await daemon.docker('exec', 'stranger', 'true');
  assert.match(exec.stderr, /was adopted: how it was started is not known, so exec can not/);
  await daemon.kill9();
  await daemon.restart();
  await docker('stop', '-t', '1', 'stranger');
  assert.equal(await docker('inspect', '-f', '{{.State.ExitCode}}', 'stranger'), '137');
  assert.match((await daemon.docker('start', 'stranger')).stderr, /so start can not be done/);
  await docker('rm', 'stranger');
  assert.equal(await ctr('c', 'ls', '-q'), '');
});

test('a record without a task is adopted as created; what is not there is not', async () => {
  await ctr('c', 'create', '--snapshotter', 'overlayfs', RUN.at(-1) ?? '', 'idle', 'true');
  const { adopted, notAdopted } = await reconcile({ adopt: ['idle', 'nosuch'] });
  assert.deepEqual(adopted, ['idle']);
  assert.deepEqual(notAdopted, [{ id: 'nosuch', reason: 'containerd has no record of that id' }]);
  assert.equal(await docker('inspect', '-f', '{{.State.Status}}', 'idle'), 'created');
  await docker('rm', 'idle');
  assert.equal(await ctr('c', 'ls', '-q'), '');
  await ctr('c', 'create', '--snapshotter', 'overlayfs', RUN.at(-1) ?? '', 'idle', 'true');
  const again = await reconcile({ adopt: ['idle'] });
  assert.match(again.notAdopted[0].reason, /ids are never used twice/);
  await ctr('c', 'rm', 'idle');
});

test('an adoption that failed can be tried again', async () => {
  await ctr('c', 'create', '--snapshotter', 'overlayfs', RUN.at(-1) ?? '', 'ours', 'true');
  await ctr('c', 'label', 'ours', 'shiplog.container=another');
  const { notAdopted } = await reconcile({ adopt: ['ours'] });
  assert.match(notAdopted[0].reason, /labelled as that of another/);
  assert.equal(await docker('ps', '-aq'), '');
  await daemon.kill9();
  await daemon.restart();
  assert.match((await reconcile({ dryRun: true })).differences[0].sentence, /^record ours/);
  await ctr('c', 'label', 'ours', 'shiplog.container=');
  const { adopted } = await reconcile({ adoptAll: true });
  assert.deepEqual(adopted, ['ours']);
  assert.equal(
    await docker('inspect', '-f', '{{.State.Status}} {{.Name}}', 'ours'),
    'created /ours',
  );
  await docker('rm', 'ours');
  assert.equal(await ctr('c', 'ls', '-q'), '');
});
