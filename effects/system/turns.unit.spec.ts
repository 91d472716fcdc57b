/** Places and those who wait for one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as soon } from 'node:timers/promises';
import { sleep } from './clock.ts';
import { makeTurns } from './turns.ts';

const never = new AbortController().signal;

test('as many as there are places go at once, the others in the order of asking', async () => {
  const turns = makeTurns(2);
  const order: string[] = [];
  const first = await turns.take(never);
  const second = await turns.take(never);
  const waiting = ['third', 'fourth'].map(async (name) => {
    const done = await turns.take(never);
    order.push(name);
    return done;
  });
  await soon();
  assert.deepEqual([order, turns.taken()], [[], 2]);
  first();
  first();
  await soon();
  assert.deepEqual([order, turns.taken()], [['third'], 2], 'given back once');
  second();
  for (const done of await Promise.all(waiting)) done();
  assert.deepEqual([order, turns.taken()], [['third', 'fourth'], 0]);
});

test('who leaves the queue takes no place', async () => {
  const turns = makeTurns(1);
  const done = await turns.take(never);
  const leaving = new AbortController();
  const left = turns.take(leaving.signal);
  const stays = turns.take(never);
  leaving.abort(new Error('gone'));
  await assert.rejects(left, /gone/);
  await assert.rejects(turns.take(leaving.signal), /gone/);
  done();
  (await stays)();
  assert.equal(turns.taken(), 0);
});

test('who holds a place for too long holds up nobody but itself', async () => {
  const turns = makeTurns(1, { ms: 20, sleep });
  const hung = await turns.take(never);
  const next = await turns.take(never);
  hung();
  assert.equal(turns.taken(), 1, 'given back once');
  next();
  assert.equal(turns.taken(), 0);
});
