import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoByPosition } from './memo.ts';

function counted() {
  const asked: string[] = [];
  const world = { position: 1, asked };
  const ask = memoByPosition(() => world.position).of((key: string) => {
    asked.push(key);
    return key === 'nobody' ? undefined : { key, at: world.position };
  });
  return { world, ask };
}

test('an answer is kept while the log does not grow, also that there is none', () => {
  const { world, ask } = counted();
  assert.equal(ask('a'), ask('a'));
  assert.equal(ask('nobody'), undefined);
  assert.equal(ask('nobody'), undefined);
  assert.deepEqual(world.asked, ['a', 'nobody']);
});

test('after the next fact everything is asked again', () => {
  const { world, ask } = counted();
  ask('a');
  world.position = 2;
  assert.equal(ask('a')?.at, 2);
  assert.deepEqual(world.asked, ['a', 'a']);
});

test('what is kept is bounded', () => {
  const { world, ask } = counted();
  for (let at = 0; at < 600; at += 1) ask(`c${at}`);
  ask('c599');
  assert.equal(world.asked.length, 600);
  ask('c0');
  assert.equal(world.asked.length, 601);
});
