/** Which images and references are seen after each fact; every fact is folded twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFolding, rebuild, timeOf } from './folding.fixture.ts';
import { openImageQueries } from './images.ts';

const OLD = `sha256:aa${'0'.repeat(62)}`;
const NEW = `sha256:ab${'0'.repeat(62)}`;
const LATEST = 'docker.io/library/busybox:latest';

function staged(id: string, references: readonly string[], size = 7) {
  return {
    id,
    lease: 'l1',
    target: { mediaType: 'm', digest: 'sha256:t', size: 1 },
    references,
    chainId: 'sha256:c',
    diffIds: ['sha256:d'],
    size,
    created: '2024-01-01T00:00:00Z',
    architecture: 'amd64',
    os: 'linux',
    variant: '',
    author: '',
    config: { Labels: { a: 'b' } },
  };
}

function open() {
  const folding = openFolding();
  const load = (id: string, references: readonly string[], size?: number) => {
    folding.add(`image/${id}`, 'image.load-requested', staged(id, references, size), 'loading');
    folding.add(`image/${id}`, 'image.loaded', { references }, 'loaded');
  };
  return { folding, load, queries: openImageQueries(folding.db) };
}

test('an image is seen once it is loaded, without its lease', () => {
  const { folding, queries } = open();
  folding.add(`image/${OLD}`, 'image.load-requested', staged(OLD, [LATEST]), 'loading');
  assert.deepEqual(queries.list(), []);
  assert.equal(queries.byReference(LATEST), undefined);
  folding.add(`image/${OLD}`, 'image.loaded', { references: [LATEST] }, 'loaded');
  const [view] = queries.list();
  const { lease: _, ...image } = staged(OLD, [LATEST]);
  assert.deepEqual(view, { ...image, tags: [LATEST], loadedNs: timeOf(2), taggedNs: timeOf(2) });
});

test('a load that failed leaves nothing, and does not take away what was loaded before', () => {
  const { folding, load, queries } = open();
  load(OLD, [LATEST]);
  folding.add(`image/${OLD}`, 'image.load-requested', staged(OLD, [], 9), 'loading');
  folding.add(`image/${OLD}`, 'image.load-failed', { message: 'no space' }, 'failed');
  assert.equal(queries.byReference(LATEST)?.size, 7);
  folding.add(`image/${NEW}`, 'image.load-requested', staged(NEW, []), 'loading');
  folding.add(`image/${NEW}`, 'image.load-failed', { message: 'no space' }, 'failed');
  assert.deepEqual(
    queries.list().map(({ id }) => id),
    [OLD],
  );
});

test('a reference goes to the image loaded last, whichever fact comes first', () => {
  const { folding, load, queries } = open();
  load(OLD, [LATEST, 'x/y:1']);
  load(NEW, [LATEST]);
  folding.add(`image/${OLD}`, 'image.untagged', { reference: LATEST }, 'loaded');
  assert.equal(queries.byReference(LATEST)?.id, NEW);
  assert.deepEqual(
    queries.list().map(({ tags }) => tags),
    [[LATEST], ['x/y:1']],
  );
});

test('an untagged image stays, without the reference', () => {
  const { folding, load, queries } = open();
  load(OLD, [LATEST]);
  folding.add(`image/${OLD}`, 'image.untagged', { reference: LATEST }, 'loaded');
  assert.equal(queries.byReference(LATEST), undefined);
  assert.deepEqual(queries.list()[0]?.tags, []);
});

test('an image is found by its id and by a prefix that only it has', () => {
  const { load, queries } = open();
  load(OLD, [LATEST]);
  load(NEW, []);
  const id = (found: ReturnType<typeof queries.byId>) =>
    found === 'ambiguous' ? found : found?.id;
  assert.equal(id(queries.byId(OLD)), OLD);
  assert.equal(id(queries.byId('ab')), NEW);
  assert.equal(id(queries.byId('sha256:ab0')), NEW);
  assert.equal(id(queries.byId('a')), 'ambiguous');
  assert.equal(id(queries.byId('ff')), undefined);
  assert.equal(queries.byReference(NEW)?.id, NEW);
});

test('rebuilt from the facts, the tables hold the same rows', () => {
  const { folding, load } = open();
  load(OLD, [LATEST]);
  load(NEW, [LATEST, 'x/y:1']);
  folding.add(`image/${OLD}`, 'image.untagged', { reference: LATEST }, 'loaded');
  load(OLD, ['x/y:1']);
  const { live, again } = rebuild(folding);
  assert.deepEqual(again, live);
});

test('a tag moves a reference, and counts as the last time it was tagged', () => {
  const { folding, load, queries } = open();
  load(OLD, [LATEST]);
  load(NEW, []);
  folding.add(`image/${OLD}`, 'image.untagged', { reference: LATEST }, 'loaded');
  const { position } = folding.add(`image/${NEW}`, 'image.tagged', { reference: LATEST }, 'loaded');
  assert.equal(queries.byReference(LATEST)?.id, NEW);
  assert.equal(queries.byReference(LATEST)?.taggedNs, timeOf(position));
  assert.deepEqual(queries.get(OLD)?.tags, []);
});

test('a removed image is seen by its full id alone, until it is loaded again', () => {
  const { folding, load, queries } = open();
  load(OLD, [LATEST]);
  folding.add(`image/${OLD}`, 'image.untagged', { reference: LATEST, by: 'removal' }, 'loaded');
  folding.add(`image/${OLD}`, 'image.remove-requested', {}, 'removing');
  assert.equal(queries.list().length, 1, 'it is there as long as the world may have it');
  folding.add(`image/${OLD}`, 'image.removed', {}, 'removed');
  assert.deepEqual(queries.list(), []);
  assert.equal(queries.byId(OLD), undefined);
  assert.equal(queries.byReference(LATEST), undefined);
  assert.deepEqual(queries.get(OLD)?.config, { Labels: { a: 'b' } });
  load(OLD, [LATEST]);
  assert.equal(queries.byReference(LATEST)?.id, OLD);
  const { live, again } = rebuild(folding);
  assert.deepEqual(again, live);
});
