/** The contract of records, snapshots, leases, images and content. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { decodeJson } from '../../effects/containerd/any.ts';
import type { CallOptions } from '../../effects/containerd/types.ts';
import { drop, type GetSubject, is, makeContainer, recordOf, specOf } from './subject.ts';

export function metadataContract(get: GetSubject): void {
  records(get);
  snapshots(get);
  roots(get);
  leases(get);
  images(get);
  late(get);
}

function records(get: GetSubject): void {
  test('a record comes back as it was written, and is there once', async () => {
    const subject = get();
    const { client } = subject;
    await makeContainer(subject, 'record', 'sleeps');
    const record = await client.containers.get('record');
    assert.deepEqual([record.id, record.snapshotKey], ['record', 'record']);
    assert.deepEqual(record.labels, { 'shiplog.run': '1' });
    assert.equal(record.runtime.options?.typeUrl, 'containerd.runc.v1.Options');
    assert.ok(record.spec);
    assert.deepEqual(decodeJson(record.spec), specOf(subject.args('sleeps')));
    const again = client.containers.create(recordOf(subject, 'record', 'sleeps'));
    await assert.rejects(again, is('already-exists'));
    await drop(subject, 'record');
  });

  test('a record’s labels change one by one, and find it', async () => {
    const subject = get();
    const { containers } = subject.client;
    await makeContainer(subject, 'labels', 'sleeps');
    await containers.update('labels', { 'dotted.key/x': 'y' });
    const [listed] = await containers.list(['labels."dotted.key/x"==y']);
    assert.deepEqual(listed?.labels, { 'shiplog.run': '1', 'dotted.key/x': 'y' });
    await containers.update('labels', { 'dotted.key/x': '' });
    assert.deepEqual(await containers.list(['labels."dotted.key/x"==y']), []);
    assert.deepEqual((await containers.get('labels')).labels, { 'shiplog.run': '1' });
    await drop(subject, 'labels');
  });

  test('a record that is not there is not found, by anybody', async () => {
    const { containers } = get().client;
    await assert.rejects(containers.get('nobody'), is('not-found'));
    await assert.rejects(containers.delete('nobody'), is('not-found'));
    await assert.rejects(containers.update('nobody', { a: 'b' }), is('not-found'));
    assert.deepEqual(await containers.list(['id==nobody']), []);
  });
}

function snapshots(get: GetSubject): void {
  test('a snapshot is prepared once, and its mounts can be asked for again', async () => {
    const { client, snapshotter, parent } = get();
    await client.leases.create('s1');
    const options = { lease: 's1' };
    const wanted = { snapshotter, key: 's1', parent };
    const mounts = await client.snapshots.prepare(wanted, options);
    assert.equal(mounts.length, 1);
    await assert.rejects(client.snapshots.prepare(wanted, options), is('already-exists'));
    assert.deepEqual(await client.snapshots.mounts(wanted), mounts);
    assert.equal((await client.snapshots.stat(wanted)).kind, 'active');
    await client.snapshots.remove(wanted);
    await assert.rejects(client.snapshots.mounts(wanted), is('not-found'));
    await assert.rejects(client.snapshots.stat(wanted), is('not-found'));
    await assert.rejects(client.snapshots.remove(wanted), is('not-found'));
    await client.leases.delete('s1');
  });

  test('a snapshot needs its parent, and keeps it', async () => {
    const { client, snapshotter, parent } = get();
    await client.leases.create('s2');
    const options = { lease: 's2' };
    const orphan = { snapshotter, key: 'orphan', parent: 'no-such-parent' };
    await assert.rejects(client.snapshots.prepare(orphan, options), is('not-found'));
    await client.snapshots.prepare({ snapshotter, key: 's2', parent }, options);
    const held = client.snapshots.remove({ snapshotter, key: parent });
    await assert.rejects(held, is('failed-precondition'));
    await client.leases.delete('s2', { sync: true });
  });

  test('a snapshot is committed under another name, once', async () => {
    const { client, snapshotter, parent } = get();
    await client.leases.create('s3');
    const options = { lease: 's3' };
    const commit = { snapshotter, key: 's3', name: 's3-done' };
    await client.snapshots.prepare({ snapshotter, key: 's3', parent }, options);
    await client.snapshots.commit(commit, options);
    assert.equal((await client.snapshots.stat({ snapshotter, key: 's3-done' })).kind, 'committed');
    await assert.rejects(client.snapshots.stat({ snapshotter, key: 's3' }), is('not-found'));
    await client.snapshots.prepare({ snapshotter, key: 's3', parent }, options);
    await assert.rejects(client.snapshots.commit(commit, options), is('already-exists'));
    const done = { snapshotter, key: 's3-done', parent };
    await assert.rejects(client.snapshots.prepare(done, options), is('already-exists'));
    await client.leases.delete('s3', { sync: true });
    await assert.rejects(client.snapshots.stat({ snapshotter, key: 's3-done' }), is('not-found'));
  });
}

function roots(get: GetSubject): void {
  test('a snapshot labelled as a root needs no lease, and is none once committed', async () => {
    const { client, snapshotter, parent } = get();
    const collect = async (): Promise<void> => {
      await client.leases.create('r-collect');
      await client.leases.delete('r-collect', { sync: true });
    };
    const labels = { 'containerd.io/gc.root': '2024-01-02T03:04:05Z', 'shiplog.container': 'r1' };
    const [root, done] = ['r1', 'r1-done'].map((key) => ({ snapshotter, key }));
    assert.ok(root && done);
    await client.snapshots.prepare({ ...root, parent, labels });
    await client.leases.create('r1');
    await collect();
    assert.deepEqual((await client.snapshots.stat(root)).labels, labels);
    const labelled = await client.snapshots.list(snapshotter, ['labels."shiplog.container"']);
    assert.deepEqual(
      labelled.map(({ name }) => name),
      ['r1'],
    );
    await client.snapshots.commit({ ...root, name: done.key }, { lease: 'r1' });
    assert.deepEqual((await client.snapshots.stat(done)).labels, {});
    await collect();
    assert.equal((await client.snapshots.stat(done)).kind, 'committed');
    await client.leases.delete('r1', { sync: true });
    await assert.rejects(client.snapshots.stat(done), is('not-found'));
  });
}

function leases(get: GetSubject): void {
  test('a lease is made once, lists what it holds, and is gone once deleted', async () => {
    const { client, snapshotter, parent } = get();
    await client.leases.create('l1', { 'shiplog.container': 'x' });
    await assert.rejects(client.leases.create('l1'), is('already-exists'));
    await client.snapshots.prepare({ snapshotter, key: 'l1-root', parent }, { lease: 'l1' });
    const held = [{ id: 'l1-root', type: `snapshots/${snapshotter}` }];
    assert.deepEqual(await client.leases.listResources('l1'), held);
    assert.ok((await client.leases.list()).some(({ id }) => id === 'l1'));
    await client.leases.delete('l1', { sync: true });
    const root = client.snapshots.stat({ snapshotter, key: 'l1-root' });
    await assert.rejects(root, is('not-found'));
    await assert.rejects(client.leases.delete('l1'), is('not-found'));
  });

  test('a lease that a thing is added to keeps it when the first one goes', async () => {
    const { client, snapshotter, parent } = get();
    const [key, type] = ['l3-root', `snapshots/${snapshotter}`];
    for (const id of ['l3', 'l3-second']) await client.leases.create(id);
    await client.snapshots.view({ snapshotter, key, parent }, { lease: 'l3' });
    await client.leases.addResource('l3-second', { id: key, type });
    await client.leases.delete('l3', { sync: true });
    assert.equal((await client.snapshots.stat({ snapshotter, key })).kind, 'view');
    await client.leases.delete('l3-second', { sync: true });
    await assert.rejects(client.snapshots.usage({ snapshotter, key }), is('not-found'));
    const late = client.leases.addResource('l3', { id: key, type });
    await assert.rejects(late, is('not-found'));
  });

  test('what is made under a lease that is not there is not made', async () => {
    const { client, snapshotter, parent } = get();
    const wanted = { snapshotter, key: 'unheld', parent };
    await assert.rejects(client.snapshots.prepare(wanted, { lease: 'nobody' }), is('not-found'));
    await assert.rejects(client.snapshots.stat(wanted), is('not-found'));
  });

  test('a record holds its snapshot without a lease', async () => {
    const subject = get();
    const { client, snapshotter } = subject;
    await makeContainer(subject, 'l2', 'sleeps');
    await client.leases.delete('l2', { sync: true });
    assert.equal((await client.snapshots.stat({ snapshotter, key: 'l2' })).name, 'l2');
    await drop(subject, 'l2');
  });
}

function images(get: GetSubject): void {
  test('an image record is made once, and keeps its content and snapshot', async () => {
    const { client, snapshotter, parent } = get();
    const lease = { lease: 'i1' };
    await client.leases.create('i1');
    await client.snapshots.prepare({ snapshotter, key: 'i1', parent }, lease);
    await client.snapshots.commit({ snapshotter, key: 'i1', name: 'i1-layer' }, lease);
    const data = Buffer.from('a config');
    const digest = `sha256:${createHash('sha256').update(data).digest('hex')}`;
    const labels = { [`containerd.io/gc.ref.snapshot.${snapshotter}`]: 'i1-layer' };
    const blob = { ref: 'i1', digest, size: data.length, labels, chunks: [data] };
    await client.content.write(blob, lease);
    const image = { name: 'i1', labels: {}, target: { mediaType: 'm', digest, size: data.length } };
    await assert.rejects(client.images.update(image), is('not-found'));
    await client.images.create(image);
    await assert.rejects(client.images.create(image), is('already-exists'));
    await client.leases.delete('i1', { sync: true });
    const layer = { snapshotter, key: 'i1-layer' };
    assert.equal((await client.snapshots.stat(layer)).name, 'i1-layer');
    assert.equal((await client.content.info(digest)).size, data.length);
    await client.images.delete('i1', { sync: true });
    await assert.rejects(client.images.get('i1'), is('not-found'));
    await assert.rejects(client.content.info(digest), is('not-found'));
    await assert.rejects(client.snapshots.stat(layer), is('not-found'));
    await assert.rejects(client.content.update(digest, { a: 'b' }), is('not-found'));
  });
}

/** Asked for, and given up before there can be an answer. */
async function givenUp(change: (options: CallOptions) => Promise<unknown>): Promise<void> {
  const abort = new AbortController();
  const answer = change({ signal: abort.signal });
  setImmediate(() => abort.abort());
  await assert.rejects(answer, is('cancelled'));
}

/** containerd carries them out all the same, sooner or later. */
function late(get: GetSubject): void {
  test('a record’s change that was given up is over when somebody looks at it', async () => {
    const subject = get();
    const { containers } = subject.client;
    await givenUp((options) => containers.create(recordOf(subject, 'late', 'sleeps'), options));
    assert.equal((await containers.get('late')).id, 'late');
    await givenUp((options) => containers.update('late', { late: 'yes' }, options));
    assert.equal((await containers.get('late')).labels['late'], 'yes');
    await givenUp((options) => containers.delete('late', options));
    await assert.rejects(containers.get('late'), is('not-found'));
  });

  test('a snapshot’s change that was given up is over before the next one', async () => {
    const { client, snapshotter, parent } = get();
    const root = { snapshotter, key: 'late' };
    const labels = { 'containerd.io/gc.root': '2024-01-02T03:04:05Z' };
    await givenUp((options) => client.snapshots.prepare({ ...root, parent, labels }, options));
    assert.equal((await client.snapshots.mounts(root)).length, 1);
    await givenUp((options) => client.snapshots.remove(root, options));
    await assert.rejects(client.snapshots.remove(root), is('not-found'));
  });

  test('a lease that was given up can be ended', async () => {
    const { leases } = get().client;
    await givenUp((options) => leases.create('late', {}, options));
    await leases.delete('late');
    assert.ok(!(await leases.list()).some(({ id }) => id === 'late'));
  });

  test('an image’s record that was given up is in the list of them', async () => {
    const { images: records } = get().client;
    const target = { mediaType: 'm', digest: `sha256:${'0'.repeat(64)}`, size: 1 };
    await givenUp((options) => records.create({ name: 'late', labels: {}, target }, options));
    assert.deepEqual(
      (await records.list(['name==late'])).map(({ name }) => name),
      ['late'],
    );
    await records.delete('late');
  });
}
