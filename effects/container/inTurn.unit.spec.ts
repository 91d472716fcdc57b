/** One after the other in a container, and beside each other in two. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeInTurn } from './inTurn.ts';

test('the next one begins when the one before is over, also when that failed', async () => {
  const inTurn = makeInTurn();
  const said: string[] = [];
  const first = Promise.withResolvers<void>();
  const act = (name: string, until: Promise<void>) => async () => {
    said.push(`${name} begins`);
    await until;
    said.push(`${name} is over`);
    return name;
  };
  const one = inTurn('a', act('one', first.promise));
  const two = inTurn('a', act('two', Promise.reject(new Error('no'))));
  const three = inTurn('a', act('three', Promise.resolve()));
  assert.equal(await inTurn('b', act('other', Promise.resolve())), 'other');
  assert.deepEqual(said, ['one begins', 'other begins', 'other is over']);
  first.resolve();
  assert.equal(await one, 'one');
  await assert.rejects(two, /no/);
  assert.equal(await three, 'three');
  assert.deepEqual(said.slice(3), ['one is over', 'two begins', 'three begins', 'three is over']);
});
