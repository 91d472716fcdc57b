import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { busyboxImage, oldLayout, streamOf, tar } from '../images/archive.fixture.ts';
import { type LeasedImage, makeImageStager } from '../images/loader.ts';
import { decodeJson, encodeRuncOptions } from './any.ts';
import { startTestContainerd, type TestContainerd } from './containerd.fixture.ts';
import type { ContainerdErrorCode } from './errors.ts';
import { isContainerdError } from './errors.ts';
import { startManaged, stopManaged } from './managed.ts';
import type { ContainerdEvent, Stdio } from './types.ts';

const snapshotter = 'overlayfs';
const silent: Stdio = { stdin: '', stdout: '', stderr: '', terminal: false };
const shim = 'io.containerd.runc.v2';

let containerd: TestContainerd;
let image: LeasedImage;

before(async () => {
  containerd = await startTestContainerd('client');
  const stager = makeImageStager({
    client: containerd.client,
    snapshotter,
    spoolDirectory: `${containerd.directory}/spool`,
  });
  const archive = await tar(oldLayout([{ image: await busyboxImage(), tags: null }]));
  const [staged] = await stager.stage(streamOf(archive));
  assert.ok(staged);
  image = staged;
});
after(() => containerd.end());

const is =
  (code: ContainerdErrorCode, text = /./) =>
  (error: unknown) => {
    assert.ok(isContainerdError(error, code), String(error));
    assert.match(error.message, text);
    return true;
  };

/** The least that runc takes. */
function specOf(...args: string[]): object {
  const namespaces = ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type }));
  return {
    ociVersion: '1.0.2',
    process: { args, cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } },
    root: { path: 'rootfs' },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: { namespaces, cgroupsPath: '/shiplog-client-test' },
  };
}

/** A container record with a writable root of the test image; the task is the test's to make. */
async function makeContainer(id: string, ...args: string[]) {
  const { client } = containerd;
  await client.leases.create(id);
  const root = { snapshotter, key: id, parent: image.chainId };
  const rootfs = await client.snapshots.prepare(root, { lease: id });
  const runtime = {
    name: shim,
    options: encodeRuncOptions({ root: `${containerd.directory}/runc` }),
  };
  const spec = specOf(...args);
  const labels = { run: '1' };
  await client.containers.create({
    id,
    labels,
    image: '',
    runtime,
    spec,
    snapshotter,
    snapshotKey: id,
  });
  return { containerId: id, rootfs, ...silent };
}

async function dropContainer(id: string): Promise<void> {
  const { client } = containerd;
  await client.containers.delete(id);
  await client.snapshots.remove({ snapshotter, key: id });
  await client.leases.delete(id);
}

test('a container’s process is created, started, awaited and deleted', async () => {
  const { client } = containerd;
  const task = await makeContainer('run', '/bin/sh', '-c', 'exit 7');
  const created = await client.tasks.create(task);
  assert.ok(created.pid > 1);
  assert.equal((await client.tasks.get({ containerId: 'run' })).status, 'created');
  await assert.rejects(client.tasks.create(task), is('already-exists'));
  const wait = client.tasks.wait({ containerId: 'run' });
  assert.equal((await client.tasks.start({ containerId: 'run' })).pid, created.pid);
  const exit = await wait;
  assert.equal(exit.exitStatus, 7);
  const known = await client.tasks.get({ containerId: 'run' });
  assert.deepEqual([known.status, known.exitStatus], ['stopped', 7]);
  const deleted = await client.tasks.delete('run');
  assert.deepEqual(
    [deleted.pid, deleted.exitStatus, deleted.exitedAtNs],
    [created.pid, 7, exit.exitedAtNs],
  );
  const age = BigInt(Date.now()) * 1_000_000n - (exit.exitedAtNs ?? 0n);
  assert.ok(age > -1_000_000_000n && age < 60_000_000_000n, `${age} ns ago`);
  await assert.rejects(client.tasks.delete('run'), is('not-found'));
  await dropContainer('run');
});

test('a running process is listed, paused, resumed, joined by another and killed', async () => {
  const { client } = containerd;
  const containerId = 'long';
  const { pid } = await client.tasks.create(
    await makeContainer(containerId, '/bin/sh', '-c', '/bin/busybox sleep 1000'),
  );
  assert.equal((await client.tasks.get({ containerId })).exitedAtNs, null);
  await client.tasks.start({ containerId });
  assert.deepEqual(
    (await client.tasks.list()).map((each) => [each.id, each.pid]),
    [['long', pid]],
  );
  assert.ok((await client.tasks.listPids(containerId)).includes(pid));
  await client.tasks.pause(containerId);
  assert.equal((await client.tasks.get({ containerId })).status, 'paused');
  await client.tasks.resume(containerId);
  assert.equal((await client.tasks.get({ containerId })).status, 'running');
  await client.tasks.update(containerId, { pids: { limit: 50 } });

  const exec = { containerId, execId: 'e1' };
  const spec = { args: ['/bin/sh', '-c', 'exit 3'], cwd: '/', user: { uid: 0, gid: 0 } };
  await client.tasks.exec({ ...exec, ...silent, spec });
  await client.tasks.start(exec);
  assert.equal((await client.tasks.wait(exec)).exitStatus, 3);
  assert.equal((await client.tasks.deleteProcess(exec)).exitStatus, 3);

  await assert.rejects(client.tasks.delete(containerId), is('unknown', /running/));
  await client.tasks.kill({ containerId, signal: 9 });
  assert.equal((await client.tasks.wait({ containerId })).exitStatus, 137);
  await assert.rejects(client.tasks.kill({ containerId, signal: 9 }), is('not-found'));
  await client.tasks.delete(containerId);
  await dropContainer(containerId);
});

test('resizing and closing are taken of a process without terminal and stdin', async () => {
  const { client } = containerd;
  const containerId = 'tty';
  const task = await makeContainer(containerId, '/bin/sh', '-c', '/bin/busybox sleep 1000');
  await client.tasks.create(task);
  await client.tasks.start({ containerId });
  await client.tasks.resizePty({ containerId, width: 80, height: 25 });
  await client.tasks.closeIO({ containerId });
  await client.tasks.kill({ containerId, signal: 9, all: true });
  await client.tasks.wait({ containerId });
  await client.tasks.delete(containerId);
  await dropContainer(containerId);
});

test('a command that is not there fails with the runtime’s text', async () => {
  const task = await makeContainer('absent', '/no/such');
  await assert.rejects(containerd.client.tasks.create(task), is('unknown', /no such file/));
  await dropContainer('absent');
});

test('records come back as they were written, and labels change one by one', async () => {
  const { client } = containerd;
  await makeContainer('record', '/bin/true');
  const found = await client.containers.get('record');
  assert.deepEqual(
    [found.runtime.name, found.snapshotKey, found.labels],
    [shim, 'record', { run: '1' }],
  );
  assert.equal(found.runtime.options?.typeUrl, 'containerd.runc.v1.Options');
  assert.ok(found.spec);
  assert.deepEqual(decodeJson(found.spec), specOf('/bin/true'));
  assert.ok(found.createdAtNs);
  await client.containers.update('record', { 'dotted.key/x': 'y' });
  const [listed] = await client.containers.list(['labels."dotted.key/x"==y']);
  assert.deepEqual(listed?.labels, { run: '1', 'dotted.key/x': 'y' });
  assert.deepEqual(await client.containers.list(['id==other']), []);
  await dropContainer('record');
  await assert.rejects(client.containers.get('record'), is('not-found'));
});

test('snapshots are looked at, measured, and kept while they have children', async () => {
  const { client } = containerd;
  const ref = { snapshotter, key: image.chainId };
  const info = await client.snapshots.stat(ref);
  assert.deepEqual([info.kind, info.name], ['committed', image.chainId]);
  assert.ok((await client.snapshots.usage({ snapshotter, key: info.parent })).size > 100_000);
  await assert.rejects(
    client.snapshots.remove({ snapshotter, key: info.parent }),
    is('failed-precondition'),
  );
  await client.leases.create('views');
  const view = { snapshotter, key: 'view', parent: image.chainId };
  const mounts = await client.snapshots.view(view, { lease: 'views' });
  assert.deepEqual(await client.snapshots.mounts(view), mounts);
  assert.deepEqual(await client.leases.listResources('views'), [
    { id: 'view', type: `snapshots/${snapshotter}` },
  ]);
  const names = (await client.snapshots.list(snapshotter)).map((each) => each.name);
  assert.ok(names.includes('view') && names.includes(image.chainId));
  await client.leases.delete('views', { sync: true });
  await assert.rejects(client.snapshots.stat(view), is('not-found'));
});

test('content is written in pieces, read back, refused when it is not what it claims', async () => {
  const { client } = containerd;
  const lease = 'content';
  await client.leases.create(lease);
  const data = Buffer.alloc(3_500_000, 'shiplog ');
  const digest = `sha256:${createHash('sha256').update(data).digest('hex')}`;
  const blob = { ref: 'test', digest, size: data.length, labels: { a: 'b' }, chunks: [data] };
  const wrong = { ...blob, ref: 'wrong', chunks: [Buffer.alloc(data.length)] };
  await assert.rejects(client.content.write(wrong, { lease }), is('failed-precondition'));
  await client.content.write(blob, { lease });
  await client.content.write({ ...blob, labels: { c: 'd' } }, { lease });
  const info = await client.content.info(digest);
  assert.deepEqual([info.size, info.labels], [data.length, { a: 'b', c: 'd' }]);
  const back = await client.content.readAll(digest, { limit: 4_000_000 });
  assert.ok(back.equals(data));
  await assert.rejects(client.content.readAll(digest), is('resource-exhausted'));
  for await (const piece of client.content.read(digest)) {
    assert.ok(piece.length > 0);
    break;
  }
  assert.equal((await client.content.update(digest, { a: '' })).labels['a'], undefined);
  const digests = (await client.content.list()).map((each) => each.digest);
  assert.ok(digests.includes(digest));
  await client.content.delete(digest);
  await assert.rejects(client.content.info(digest), is('not-found'));
  await client.leases.delete(lease);
});

test('who comes after a change that hangs waits as for an answer, and then sees it', async () => {
  const { client, managed } = containerd;
  const create = (deadlineMs: number) => client.leases.create('late', {}, { deadlineMs });
  process.kill(managed.pid, 'SIGSTOP');
  try {
    await assert.rejects(create(50), is('deadline', /no answer in 50 ms/));
    await assert.rejects(create(60), is('deadline', /no answer in 60 ms/));
  } finally {
    process.kill(managed.pid, 'SIGCONT');
  }
  await assert.rejects(create(60_000), is('already-exists'));
  await client.leases.delete('late');
});

test('events arrive decoded, and end with the signal', async () => {
  const { client } = containerd;
  const ending = new AbortController();
  const seen: ContainerdEvent[] = [];
  const reading = (async () => {
    const filter = 'namespace==client,topic~=|^/tasks/|';
    for await (const event of client.events.subscribe([filter], ending.signal)) seen.push(event);
  })();
  await delay(300);
  const containerId = 'events';
  await client.tasks.create(await makeContainer(containerId, '/bin/sh', '-c', 'exit 5'));
  await client.tasks.start({ containerId });
  await client.tasks.wait({ containerId });
  await client.tasks.delete(containerId);
  await dropContainer(containerId);
  for (let tries = 0; tries < 50 && seen.at(-1)?.topic !== '/tasks/delete'; tries += 1) {
    await delay(100);
  }
  ending.abort();
  await reading;
  const exit = seen.find((event) => event.topic === '/tasks/exit');
  assert.ok(exit?.body.kind === 'task-exit' && exit.namespace === 'client');
  assert.deepEqual(
    [exit.body.containerId, exit.body.id, exit.body.exitStatus],
    ['events', 'events', 5],
  );
  const kinds = new Set(seen.map((event) => event.body.kind));
  for (const kind of ['task-create', 'task-start', 'task-delete'] as const) {
    assert.ok(kinds.has(kind), kind);
  }
});

test('a call ends at its deadline, and at its caller’s abort', async () => {
  const { client } = containerd;
  const containerId = 'slow';
  await client.tasks.create(
    await makeContainer(containerId, '/bin/sh', '-c', '/bin/busybox sleep 99'),
  );
  await client.tasks.start({ containerId });
  const wait = client.tasks.wait({ containerId }, { deadlineMs: 100 });
  await assert.rejects(wait, is('deadline', /no answer in 100 ms/));
  const ending = new AbortController();
  const other = client.tasks.wait({ containerId }, { signal: ending.signal });
  setTimeout(() => ending.abort(), 50);
  await assert.rejects(other, is('cancelled'));
  await assert.rejects(client.version({ signal: ending.signal }), is('cancelled'));
});

test('containers live on when containerd dies; waits break as unavailable', async () => {
  const { client, options } = containerd;
  const containerId = 'slow';
  const { pid } = await client.tasks.get({ containerId });
  const wait = assert.rejects(client.tasks.wait({ containerId }), is('unavailable'));
  const signal = new AbortController().signal;
  const events = assert.rejects(async () => {
    for await (const _ of client.events.subscribe([], signal)) assert.ok(signal);
  }, is('unavailable'));
  await delay(100);
  process.kill(containerd.managed.pid, 'SIGKILL');
  await Promise.all([wait, events]);
  assert.equal(client.state(), 'lost');
  await assert.rejects(client.version(), is('unavailable'));
  const again = await startManaged(options);
  assert.ok(await client.whenConnected(5_000));
  const found = await client.tasks.get({ containerId });
  assert.deepEqual([found.pid, found.status], [pid, 'running']);
  await client.tasks.kill({ containerId, signal: 9 });
  assert.equal((await client.tasks.wait({ containerId })).exitStatus, 137);
  await client.tasks.delete(containerId);
  await stopManaged(again);
});

test('what it is made of', async () => {
  const again = await startManaged(containerd.options);
  const { client } = containerd;
  try {
    assert.ok(await client.whenConnected(5_000));
    assert.match((await client.version()).version, /^\d/);
    assert.match((await client.introspection.server()).uuid, /^[0-9a-f-]{36}$/);
    const plugins = await client.introspection.plugins(['type==io.containerd.snapshotter.v1']);
    assert.deepEqual(plugins.map((plugin) => plugin.id).sort(), ['native', 'overlayfs']);
    assert.ok((await client.namespaces.list()).some((each) => each.name === 'client'));
  } finally {
    await stopManaged(again);
  }
});
