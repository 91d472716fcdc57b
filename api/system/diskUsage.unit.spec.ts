/** `GET /system/df`, and sizes where a list or an inspect asks for them. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type Served, serve } from '../testing/client.ts';
import { details, ID, image, OTHER_ID, running, type World, world } from '../testing/fakes.ts';

let served: Served;
let here: World;
const OTHER_IMAGE = `sha256:${'3d'.repeat(32)}`;

beforeEach(async () => {
  here = world();
  here.images.splice(0, 1, image({ size: 30, diffIds: ['base', 'own'], layerSizes: [20, 10] }));
  here.images.push(
    image({ id: OTHER_IMAGE, tags: [], size: 25, diffIds: ['base', 'more'], layerSizes: [20, 5] }),
  );
  here.containers.set(ID, running());
  here.containers.set(OTHER_ID, details({ id: OTHER_ID, name: 'db' }));
  here.sizes.set(ID, 7);
  served = await serve(here);
});
afterEach(() => served.close());

async function asked(path: string) {
  const { status, body } = await served.ask('GET', path);
  return { status, body: JSON.parse(body) };
}

test('each layer is counted once, and an image says what it shares', async () => {
  const { body } = await asked('/v1.51/system/df');
  assert.equal(body.LayersSize, 35);
  const shared = body.Images.map((one: { SharedSize: number }) => one.SharedSize);
  assert.deepEqual(shared, [20, 20]);
  assert.deepEqual(
    body.Images.map((one: { Containers: number }) => one.Containers),
    [2, 0],
  );
});

test('a size that could not be measured is -1, a zero is left out of a list', async () => {
  const sizes = async () => {
    const { body } = await asked('/containers/json?all=1&size=1');
    return body.map(({ SizeRw, SizeRootFs }: Record<string, number>) => [SizeRw, SizeRootFs]);
  };
  assert.deepEqual(await sizes(), [
    [7, 37],
    [-1, -1],
  ]);
  here.sizes.set(OTHER_ID, 0);
  assert.deepEqual(await sizes(), [
    [7, 37],
    [undefined, 30],
  ]);
  assert.equal((await asked(`/containers/${OTHER_ID}/json?size=1`)).body.SizeRw, 0);
  assert.equal((await asked(`/containers/${OTHER_ID}/json`)).body.SizeRw, undefined);
});

test('newer clients get counts, and the lists if they ask for details', async () => {
  const { body } = await asked('/system/df');
  assert.deepEqual(body.ImageUsage, {
    ActiveCount: 1,
    TotalCount: 2,
    TotalSize: 35,
    Reclaimable: 25,
  });
  assert.deepEqual(body.ContainerUsage, {
    ActiveCount: 1,
    TotalCount: 2,
    TotalSize: 7,
    Reclaimable: 0,
  });
  assert.equal(body.LayersSize, 35);
  const verbose = await asked('/system/df?verbose=1');
  assert.equal(verbose.body.LayersSize, undefined);
  assert.equal(verbose.body.ContainerUsage.Items.length, 2);
});

test('only the types asked for are measured, where the version knows the question', async () => {
  const { body } = await asked('/v1.50/system/df?type=container&type=volume');
  assert.deepEqual([body.Images, body.Volumes, body.Containers.length], [null, [], 2]);
  assert.equal((await asked('/v1.41/system/df?type=container')).body.Images.length, 2);
  const wrong = await asked('/system/df?type=bogus');
  assert.deepEqual(wrong, { status: 400, body: { message: 'unknown object type: bogus' } });
});
