/** `POST /build/prune`: there is no cache, which `docker system prune` is told at its end. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type Served, serve } from '../testing/client.ts';
import { type World, world } from '../testing/fakes.ts';

let served: Served;
let here: World;

beforeEach(async () => {
  here = world();
  served = await serve(here);
});
afterEach(() => served.close());

test('there is nothing to prune, and that is on record', async () => {
  const { status, body } = await served.ask('POST', '/build/prune?all=1&keep-storage=0');
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(body), { CachesDeleted: null, SpaceReclaimed: 0 });
  assert.deepEqual(here.prunes, [{ what: 'builder', reclaimed: 0 }]);
});

const INTEGER = 'keep-storage is in bytes and expects an integer';
const wrong = [
  ['filters={"bogus":["x"]}', "failed to prune build cache: invalid filter 'bogus'"],
  ['filters={"until":["x"]}', 'failed to parse value as time or duration: "x"'],
  ['keep-storage=x', `${INTEGER}, got x: strconv.Atoi: parsing "x": invalid syntax`],
] as const;
for (const [query, message] of wrong)
  test(`${query} is refused`, async () => {
    const { status, body } = await served.ask('POST', `/build/prune?${encodeURI(query)}`);
    assert.deepEqual([status, JSON.parse(body)], [400, { message }]);
    assert.deepEqual(here.prunes, []);
  });
