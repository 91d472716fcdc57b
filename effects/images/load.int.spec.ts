import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startTestContainerd, type TestContainerd } from '../containerd/containerd.fixture.ts';
import { isContainerdError } from '../containerd/errors.ts';
import { EffectFailure } from '../failure.ts';
import {
  blobLayout,
  busyboxImage,
  imageOf,
  oldLayout,
  streamOf,
  type TarEntry,
  type TestImage,
  tar,
} from './archive.fixture.ts';
import { LoadError } from './loadError.ts';
import { type ImageStager, type LeasedImage, makeImageStager } from './loader.ts';
import { makePublishHandler } from './publish.ts';

const snapshotter = 'overlayfs';
let containerd: TestContainerd;
let stager: ImageStager;

before(async () => {
  containerd = await startTestContainerd('load');
  const spoolDirectory = join(containerd.directory, 'spool');
  stager = makeImageStager({ client: containerd.client, snapshotter, spoolDirectory });
});
after(() => containerd.end());

async function stage(entries: readonly TarEntry[]): Promise<readonly LeasedImage[]> {
  return stager.stage(streamOf(await tar(entries)));
}

async function stageOne(image: TestImage, ...tags: string[]): Promise<LeasedImage> {
  const [staged] = await stage(oldLayout([{ image, tags }]));
  assert.ok(staged);
  return staged;
}

async function publish(image: LeasedImage): Promise<void> {
  const handler = makePublishHandler({ client: containerd.client, snapshotter });
  const params = { id: image.id, lease: image.lease };
  await handler.do({ params, subject: image, signal: new AbortController().signal });
}

/** Lets the collector run to its end. */
async function collect(): Promise<void> {
  await containerd.client.leases.create('collect');
  await containerd.client.leases.delete('collect', { sync: true });
}

async function target(name: string): Promise<string | undefined> {
  try {
    return (await containerd.client.images.get(name)).target.digest;
  } catch (error) {
    if (isContainerdError(error, 'not-found')) return undefined;
    throw error;
  }
}

/** What the collector has left of an image. */
async function isKept(image: LeasedImage): Promise<boolean> {
  const { client } = containerd;
  const digests = (await client.content.list()).map((each) => each.digest);
  const keys = (await client.snapshots.list(snapshotter)).map((each) => each.name);
  const kept = [
    digests.includes(image.id),
    digests.includes(image.target.digest),
    keys.includes(image.chainId),
  ];
  assert.ok(
    kept.every((each) => each === kept[0]),
    `all or nothing: ${kept}`,
  );
  return kept[0] === true;
}

async function forget(image: LeasedImage): Promise<void> {
  const { client } = containerd;
  for (const { name, target: at } of await client.images.list()) {
    if (at.digest === image.target.digest) await client.images.delete(name);
  }
  await stager.discard(image.lease);
  await collect();
}

test('a staged image is held by its lease alone, and collected without it', async () => {
  const built = await busyboxImage('held');
  const staged = await stageOne(built, 'busybox');
  assert.equal(staged.id, built.id);
  assert.deepEqual(staged.references, ['docker.io/library/busybox:latest']);
  assert.deepEqual(staged.diffIds, built.diffIds);
  assert.ok(staged.size > 1_000_000);
  assert.deepEqual(staged.config, { Cmd: ['/bin/sh'], Env: ['PATH=/bin'] });
  assert.equal(staged.created, '2024-01-02T03:04:05Z');
  await collect();
  assert.ok(await isKept(staged));
  assert.deepEqual(await containerd.client.images.list(), []);
  const [lease] = await containerd.client.leases.list();
  assert.match(lease?.labels['containerd.io/gc.expire'] ?? '', /^\d{4}-.*Z$/);
  await stager.discard(staged.lease);
  await stager.discard(staged.lease);
  await collect();
  assert.equal(await isKept(staged), false);
  assert.deepEqual(await containerd.client.content.list(), []);
  assert.deepEqual(await containerd.client.snapshots.list(snapshotter), []);
});

test('a published image outlives its lease and the collector, with its files', async () => {
  const staged = await stageOne(await busyboxImage(), 'busybox', 'a.b/c:1');
  await publish(staged);
  await collect();
  assert.ok(await isKept(staged));
  assert.deepEqual(await containerd.client.leases.list(), []);
  for (const name of [staged.id, 'docker.io/library/busybox:latest', 'a.b/c:1']) {
    assert.equal(await target(name), staged.target.digest, name);
  }
  const manifest = await containerd.client.content.readAll(staged.target.digest);
  assert.equal(JSON.parse(manifest.toString()).config.digest, staged.id);
  await publish(staged);
  assert.equal((await containerd.client.images.list()).length, 3);
  await forget(staged);
  assert.equal(await isKept(staged), false);
});

test('an image without references is published under its id', async () => {
  const staged = await stageOne(await busyboxImage());
  await publish(staged);
  await collect();
  assert.ok(await isKept(staged));
  await forget(staged);
});

test('a reference moves to the image loaded last, and the other one stays', async () => {
  const one = await stageOne(await busyboxImage('one'), 'moving');
  await publish(one);
  const two = await stageOne(await busyboxImage('two'), 'moving');
  await publish(two);
  await collect();
  assert.equal(await target('docker.io/library/moving:latest'), two.target.digest);
  assert.ok(await isKept(one));
  assert.ok(await isKept(two));
  await forget(one);
  await forget(two);
});

test('loading again what is there needs no new content', async () => {
  const image = await busyboxImage();
  const one = await stageOne(image, 'twice');
  await publish(one);
  const before = await containerd.client.content.list();
  const two = await stageOne(image, 'twice');
  assert.deepEqual({ ...two, lease: '' }, { ...one, lease: '' });
  assert.equal((await containerd.client.content.list()).length, before.length);
  await forget(one);
  assert.ok(await isKept(two), 'its own lease holds it');
  await forget(two);
  assert.equal(await isKept(two), false);
});

test('a second load holds what the first one lets go of', async () => {
  const image = await busyboxImage();
  const one = await stageOne(image);
  const two = await stageOne(image, 'second');
  await stager.discard(one.lease);
  await collect();
  assert.ok(await isKept(two));
  await publish(two);
  await collect();
  assert.ok(await isKept(two));
  await forget(two);
});

test('the same image loaded several times at once comes out whole', async () => {
  const image = await busyboxImage('at once');
  const archive = await tar(oldLayout([{ image, tags: ['once'] }]));
  const all = await Promise.all([1, 2, 3].map(() => stager.stage(streamOf(archive))));
  const leased = all.flat();
  for (const each of leased.slice(1)) await stager.discard(each.lease);
  const [first] = leased;
  assert.ok(first);
  await publish(first);
  await collect();
  assert.ok(await isKept(first));
  const keys = (await containerd.client.snapshots.list(snapshotter)).map((each) => each.name);
  assert.deepEqual(
    keys.filter((key) => key.startsWith('extract-')),
    [],
  );
  await forget(first);
});

test('images of one archive share layers and are published one by one', async () => {
  const one = await busyboxImage('one');
  const [base] = one.layers;
  assert.ok(base);
  const two = imageOf([base]);
  const staged = await stage(
    oldLayout([
      { image: one, tags: ['one'] },
      { image: two, tags: ['two'] },
    ]),
  );
  const [first, second] = staged;
  assert.ok(first && second && first.lease !== second.lease);
  await publish(first);
  await collect();
  assert.ok(await isKept(second));
  await publish(second);
  await forget(first);
  assert.ok(await isKept(second));
  await forget(second);
});

test('compressed layers in a compressed archive unpack to the same snapshot', async () => {
  const image = await busyboxImage();
  const plain = await stageOne(image);
  const archive = gzipSync(await tar(blobLayout([{ image, tags: ['z'] }], true)));
  const [packed] = await stager.stage(streamOf(archive));
  assert.ok(packed);
  assert.deepEqual([packed.id, packed.chainId], [plain.id, plain.chainId]);
  assert.notEqual(packed.target.digest, plain.target.digest);
  await forget(plain);
  assert.ok(await isKept(packed));
  await forget(packed);
});

test('compressed layers are unpacked by containerd as well', async () => {
  const image = await busyboxImage('packed');
  const [staged] = await stage(blobLayout([{ image, tags: null }], true));
  assert.ok(staged);
  assert.ok(staged.size > 1_000_000);
  await forget(staged);
});

test('an image without layers is loaded', async () => {
  const staged = await stageOne(imageOf([]), 'empty');
  assert.deepEqual([staged.chainId, staged.size], ['', 0]);
  await publish(staged);
  await collect();
  assert.equal(await target('docker.io/library/empty:latest'), staged.target.digest);
  await forget(staged);
});

test('of an archive that is refused nothing is kept, not even its good images', async () => {
  const good = await busyboxImage('good');
  const bad = { ...imageOf([await tar([{ name: 'f', data: 'x' }])]), layers: [Buffer.from('y')] };
  await assert.rejects(
    stage(
      oldLayout([
        { image: good, tags: null },
        { image: bad, tags: null },
      ]),
    ),
    LoadError,
  );
  assert.deepEqual(await containerd.client.leases.list(), []);
  assert.deepEqual(await containerd.client.content.list(), []);
  assert.deepEqual(await readdir(join(containerd.directory, 'spool')), []);
});

test('a layer that containerd cannot unpack leaves nothing behind', async () => {
  const image = imageOf([Buffer.from('this is no tar'.repeat(100))]);
  await assert.rejects(stageOne(image), LoadError);
  await collect();
  assert.deepEqual(await containerd.client.leases.list(), []);
  assert.deepEqual(await containerd.client.content.list(), []);
  assert.deepEqual(await containerd.client.snapshots.list(snapshotter), []);
});

test('publishing what the collector took fails, and leaves no dangling name', async () => {
  const staged = await stageOne(await busyboxImage('late'), 'late');
  await stager.discard(staged.lease);
  await collect();
  await assert.rejects(publish(staged), (error) => {
    assert.ok(error instanceof EffectFailure);
    assert.equal(error.kind, 'failed');
    assert.match(error.message, /is gone: load it again/);
    return true;
  });
  assert.deepEqual(await containerd.client.images.list(), []);
});
