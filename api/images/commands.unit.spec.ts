/** Routes that change images: which command each request becomes, and what its answer tells. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Served, serve } from '../testing/client.ts';
import { image, type World, world } from '../testing/fakes.ts';

const ID = `sha256:${'1f'.repeat(32)}`;
const DIGEST = `sha256:${'2e'.repeat(32)}`;
const LATEST = 'docker.io/library/busybox:latest';

let served: Served;
let here: World;

before(async () => {
  here = world();
  served = await serve(here);
});
after(() => served.close());
beforeEach(() => {
  here.images.splice(0, here.images.length, image());
  for (const list of [here.imageCommands, here.imported, here.pruned, here.outcomes])
    list.length = 0;
});

const message = (body: string): string => JSON.parse(body).message;

test('a tag is asked for with its reference whole', async () => {
  const { status } = await served.ask('POST', '/images/busybox/tag?repo=my/box&tag=2');
  assert.equal(status, 201);
  const reference = 'docker.io/my/box:2';
  assert.deepEqual(here.imageCommands, [{ type: 'tag-image', id: ID, reference }]);
});

for (const [query, status, text] of [
  ['repo=UPPER', 400, /must be lowercase/],
  ['repo=x&tag=bad!', 400, /invalid tag format/],
  [`repo=x@${DIGEST}`, 400, /with a digest reference/],
  ['repo=sha256', 400, /ambiguous tag/],
  [`repo=${'a'.repeat(64)}`, 400, /64-byte hexadecimal/],
] as const) {
  test(`a tag with ${query} is refused`, async () => {
    const answer = await served.ask('POST', `/images/busybox/tag?${query}`);
    assert.equal(answer.status, status);
    assert.match(message(answer.body), text);
    assert.deepEqual(here.imageCommands, []);
  });
}

for (const [name, references] of [
  ['busybox', [LATEST]],
  ['busybox:latest', [LATEST]],
  [`busybox@${DIGEST}`, [LATEST]],
  [ID, null],
  ['1f1f1f', null],
] as const) {
  test(`a removal by ${name} means ${references ?? 'all references'}`, async () => {
    const { status } = await served.ask('DELETE', `/images/${name}?force=1`);
    assert.equal(status, 200);
    const command = { type: 'remove-image', id: ID, references, given: name, force: true };
    assert.deepEqual(here.imageCommands, [command]);
  });
}

for (const name of ['nothing', `other@${DIGEST}`, `busybox@${ID}`, 'abcdef']) {
  test(`${name} is no image`, async () => {
    const { status, body } = await served.ask('DELETE', `/images/${name}`);
    assert.equal(status, 404);
    assert.match(message(body), /^No such image: /);
  });
}

test('a refusal names image and container in short', async () => {
  const container = 'c'.repeat(64);
  const refusal = { kind: 'image-in-use', image: ID, container, running: true } as const;
  here.outcomes.push({ kind: 'refused', refusal });
  const { status, body } = await served.ask('DELETE', `/images/${ID}`);
  assert.equal(status, 409);
  assert.equal(
    message(body),
    'conflict: unable to delete 1f1f1f1f1f1f (cannot be forced) - ' +
      'image is being used by running container cccccccccccc',
  );
});

test('save takes all tags of a repository, or the one named, or none by id', async () => {
  const tags = [LATEST, 'docker.io/library/busybox:1', 'docker.io/my/box:2'];
  here.images.splice(0, 1, image({ tags }));
  const saved = async (path: string) => (await served.ask('GET', path)).body;
  assert.equal(await saved('/images/busybox/get'), `${ID} ${LATEST},docker.io/library/busybox:1`);
  assert.equal(await saved('/images/my/box:2/get'), `${ID} docker.io/my/box:2`);
  assert.equal(await saved(`/images/${ID}/get`), `${ID} `);
  const several = await saved('/images/get?names=my/box:2&names=busybox:1');
  assert.equal(several, `${ID} docker.io/my/box:2,docker.io/library/busybox:1`);
  assert.equal((await served.ask('GET', '/images/get')).status, 400);
  assert.equal((await served.ask('GET', '/images/get?names=nothing')).status, 404);
});

test('import has the host its platform, and says the id', async () => {
  const query = 'fromSrc=-&repo=my/box&tag=1&changes=CMD+x&changes=USER+web&message=hello';
  const { status, body } = await served.ask('POST', `/images/create?${query}`, 'tar');
  assert.deepEqual([status, body], [200, `{"status":"sha256:${'3c'.repeat(32)}"}\r\n`]);
  const [{ platform, config, message: said, reference } = assert.fail()] = here.imported;
  assert.deepEqual(platform, { os: 'linux', architecture: 'amd64', variant: '' });
  assert.deepEqual(config, { Cmd: ['/bin/sh', '-c', 'x'], User: 'web' });
  assert.deepEqual([said, reference], ['hello', 'docker.io/my/box:1']);
  const windows = await served.ask('POST', '/images/create?fromSrc=-&platform=windows', 'tar');
  assert.equal(windows.status, 400);
});

test('what is not there yet says so', async () => {
  for (const query of ['fromImage=busybox&tag=latest', 'fromSrc=http://x/y.tar']) {
    const { status, body } = await served.ask('POST', `/images/create?${query}`);
    assert.equal(status, 501, query);
    assert.match(message(body), /does not support/);
  }
});

test('prune asks for what has no name and no container, and puts it on record', async () => {
  const nameless = image({ id: `sha256:${'4d'.repeat(32)}`, tags: [] });
  here.images.push(nameless);
  const { status, body } = await served.ask('POST', '/images/prune');
  assert.deepEqual([status, JSON.parse(body)], [200, { ImagesDeleted: null, SpaceReclaimed: 0 }]);
  assert.deepEqual(
    here.imageCommands.map((command) => 'id' in command && command.id),
    [nameless.id],
  );
  assert.deepEqual(here.pruned, [0]);
});
