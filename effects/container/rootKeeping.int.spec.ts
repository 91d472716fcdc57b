/**
 * What keeps a root from containerd's collector, with the collector at work after every single
 * call, and what is left of it when the daemon is killed after any of them: nothing, in the end.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ImageRef } from '../../machines/container.config.ts';
import type { ContainerContext } from '../../machines/container.context.ts';
import type { Containerd } from '../containerd/client.ts';
import type { SnapshotInfo } from '../containerd/types.ts';
import { publishedImage } from '../images/staged.fixture.ts';
import { containerId } from '../system/ids.ts';
import { dropLeftRoots } from './leftRoots.ts';
import { makeRootMaker, type RootMaker } from './rootMaker.ts';
import { holdLease, leaseOf, removeSnapshots } from './rootSnapshots.ts';
import { CONTAINER_LABEL } from './runRecord.ts';
import { makeWorld, type World } from './world.fixture.ts';

const snapshotter = 'overlayfs';
const ROOT = 'containerd.io/gc.root';
const INIT = `containerd.io/gc.ref.snapshot.${snapshotter}/init`;

let world: World;
let client: Containerd;
let published: Awaited<ReturnType<typeof publishedImage>>;
/** What is there with the images and without any container. */
let base: readonly string[];
before(async () => {
  world = await makeWorld();
  client = world.deps.containerd;
  published = await publishedImage(world);
  await collect();
  base = await snapshotNames();
});
after(async () => {
  await published.end();
  await world.close();
});

async function collect(): Promise<void> {
  await client.leases.create('spec-collect');
  await client.leases.delete('spec-collect', { sync: true });
}

async function snapshotNames(): Promise<readonly string[]> {
  return (await client.snapshots.list(snapshotter)).map(({ name }) => name).sort();
}

const leaseIds = async (): Promise<readonly string[]> =>
  (await client.leases.list()).map(({ id }) => id).filter((id) => id.startsWith('shiplog-'));

const infoOf = (key: string): Promise<SnapshotInfo> => client.snapshots.stat({ snapshotter, key });

const initLayerOf = ({ chainId }: ImageRef): string => `init-1-${chainId}`;

/** Calls `after` when a call has been carried out. */
function stepping(after: (call: string) => Promise<void>): Containerd {
  const watched = <T extends object>(name: string, service: T): T =>
    new Proxy(service, {
      get:
        (target, key) =>
        async (...given: unknown[]) => {
          try {
            return await Object(target)[key](...given);
          } finally {
            await after(`${name}.${String(key)}`);
          }
        },
    });
  const { snapshots, leases, content } = client;
  return {
    ...client,
    snapshots: watched('snapshots', snapshots),
    leases: watched('leases', leases),
    content: watched('content', content),
  };
}

/** Of a daemon of its own. */
function makerOf(image: ImageRef, containerd: Containerd = client): RootMaker {
  const unstarted = { imageOf: () => image, madeOf: () => [], follow: () => undefined };
  return makeRootMaker({ ...world.deps, containerd }, unstarted);
}

function containerOf({ id, chainId }: ImageRef): ContainerContext {
  return { ...world.context(), image: { id, chainId }, run: 0 };
}

const erased = async (container: ContainerContext): Promise<void> => {
  await world.run('container.erase', container, { id: container.id });
  assert.deepEqual(await world.traces(container.id), []);
};

/** So that the next container of the image has to make it again. */
async function withoutInitLayer(image: ImageRef): Promise<void> {
  if (image.id === published.subject.id) await client.content.update(image.id, { [INIT]: '' });
  await collect();
  assert.deepEqual(await snapshotNames(), base);
}

/** One whose configuration containerd keeps, and one of which it has the layers alone. */
const images = (): readonly ImageRef[] => [published.subject, world.context().image];

test('a root is made with the collector at work after each call, and no other is one', async () => {
  for (const image of images()) {
    const container = containerOf(image);
    const { id } = container;
    await makerOf(image, stepping(collect)).layers(id, {});
    await collect();
    const { labels, parent } = await infoOf(id);
    assert.match(labels[ROOT] ?? '', /^\d{4}-.*Z$/);
    assert.equal(labels[CONTAINER_LABEL], id);
    assert.equal(parent, initLayerOf(image));
    assert.equal((await infoOf(parent)).labels[ROOT], undefined);
    assert.deepEqual(await leaseIds(), []);
    await erased(container);
    await withoutInitLayer(image);
  }
});

test('a container after the first of its image costs one call, and its removal one', async () => {
  const image = published.subject;
  const first = containerOf(image);
  await makerOf(image).layers(first.id, {});
  await erased(first);
  const calls: string[] = [];
  const containerd = stepping(async (call) => void calls.push(call));
  const maker = makerOf(image, containerd);
  const id = containerId();
  maker.born(id);
  await maker.layers(id, {});
  const there = await maker.forget(id);
  await removeSnapshots({ ...world.deps, containerd }, id, there, {});
  assert.deepEqual(calls, ['snapshots.prepare', 'snapshots.remove']);
  assert.deepEqual(await world.traces(id), []);
  await withoutInitLayer(image);
});

/** A daemon that is killed when so many calls were carried out. @returns whether it came to that */
async function killedAfter(calls: number, image: ImageRef, id: string): Promise<boolean> {
  let left = calls;
  const killed = new Error('killed');
  const containerd = stepping(async () => {
    left -= 1;
    if (left <= 0) throw killed;
  });
  try {
    await makerOf(image, containerd).layers(id, {});
  } catch (error) {
    if (error !== killed) throw error;
  }
  return left <= 0;
}

/** How the next daemon finds it. */
const AFTERWARDS: Readonly<Record<string, (container: ContainerContext) => Promise<void>>> = {
  async 'is started'(container) {
    await makerOf(container.image).layers(container.id, {});
    await collect();
    const { id, image } = container;
    assert.equal((await infoOf(id)).parent, initLayerOf(image));
    if (image.id === published.subject.id)
      assert.equal((await client.content.info(image.id)).labels[INIT], initLayerOf(image));
    await erased(container);
  },
  'is removed': erased,
  /** The call landed after the removal had been by. */
  async 'was removed'({ id }) {
    await dropLeftRoots(client, snapshotter, (one) => one === id);
    await collect();
    assert.deepEqual(await world.traces(id), []);
  },
};

for (const [fate, afterwards] of Object.entries(AFTERWARDS)) {
  test(`killed after any call, nothing is lost or left when the container ${fate}`, async () => {
    for (const image of images()) {
      for (let calls = 1; ; calls += 1) {
        const container = containerOf(image);
        const killed = await killedAfter(calls, image, container.id);
        await collect();
        await afterwards(container);
        assert.deepEqual(await leaseIds(), []);
        await withoutInitLayer(image);
        if (!killed) break;
        assert.ok(calls < 20, 'more calls than can be');
      }
    }
  });
}

/** All under its lease, and nothing labelled. */
async function madeByAnEarlierVersion({ id, image }: ContainerContext): Promise<void> {
  const lease = { lease: leaseOf(id) };
  const key = `${id}-init-key`;
  const parent = initLayerOf(image);
  await client.snapshots.prepare({ snapshotter, key, parent: image.chainId }, lease);
  await client.snapshots.commit({ snapshotter, key, name: parent }, lease);
  await client.snapshots.prepare({ snapshotter, key: id, parent }, lease);
}

test('a container of an earlier version lives on under its lease, which goes with it', async () => {
  await withoutInitLayer(world.context().image);
  const container = { ...containerOf(world.context().image), run: 1 };
  const { id, image } = container;
  await holdLease(world.deps, id, {});
  await madeByAnEarlierVersion(container);
  await collect();
  await world.run('root.prepare', container, { id });
  for (const run of [1, 2]) {
    const params = { id, run };
    const running = { ...container, run, everStarted: run > 1 };
    await world.run('task.create', running, params);
    await world.run('task.start', running, params);
    assert.equal((await world.run('task.await-exit', running, params)).code, 0);
    await world.run('run.clean', { ...running, everStarted: true }, params);
    await collect();
    assert.equal((await infoOf(id)).parent, initLayerOf(image));
    assert.deepEqual(await leaseIds(), [leaseOf(id)]);
  }
  // As this daemon knows nothing of it.
  await world.deps.rootMaker.forget(id);
  await erased({ ...container, run: 2 });
});

test('what a call of an earlier version makes at the last moment stays leased', async () => {
  await withoutInitLayer(world.context().image);
  const container = containerOf(world.context().image);
  await holdLease(world.deps, container.id, {});
  let late = true;
  const containerd = stepping(async (call) => {
    if (late && call === 'leases.create') await madeByAnEarlierVersion(container);
    late &&= call !== 'leases.create';
  });
  await makerOf(container.image, containerd).layers(container.id, {});
  await collect();
  assert.equal((await infoOf(container.id)).labels[ROOT], undefined);
  await erased(container);
});

test('at boot what is left of removed containers is dropped, and nothing else', async () => {
  const [removed, living, stranger] = [containerId(), containerId(), containerId()];
  for (const id of [removed, living]) {
    await holdLease(world.deps, id, {});
    await makerOf(world.context().image).layers(id, {});
  }
  const labels = { [ROOT]: 'now' };
  await client.snapshots.prepare({ snapshotter, key: stranger, parent: '', labels });
  await dropLeftRoots(client, snapshotter, (id) => id !== living);
  await collect();
  assert.deepEqual(await leaseIds(), [leaseOf(living)]);
  const names = await snapshotNames();
  assert.deepEqual(
    [removed, living, stranger].map((id) => names.includes(id)),
    [false, true, true],
  );
  await client.snapshots.remove({ snapshotter, key: stranger });
  await dropLeftRoots(client, snapshotter, () => true);
});

test('an image that goes under a container leaves it its layers, and they go with it', async () => {
  const image = published.subject;
  const container = containerOf(image);
  await makerOf(image).layers(container.id, {});
  await world.run('image.remove', image, { id: image.id });
  await collect();
  const names = await snapshotNames();
  for (const name of [container.id, initLayerOf(image), image.chainId])
    assert.ok(names.includes(name), name);
  assert.deepEqual(await client.images.list(), []);
  await erased(container);
  await collect();
  assert.deepEqual(await snapshotNames(), [world.context().image.chainId]);
});
