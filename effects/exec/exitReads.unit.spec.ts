/** Exits of execs that are to be read, and those that were read for somebody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeExitReads } from './exitReads.ts';

const ref = (exec: string, run = 1) => ({ id: 'c', run, exec });
const EXIT = { exitStatus: 137, exitedAtNs: 7n };
const END = { exit: EXIT, outputEnded: true };

const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('broken off')), { once: true });
  });

test('those of a run are pending until they are read, however often it was tried', () => {
  const reads = makeExitReads();
  for (const exec of ['a', 'b', 'a']) reads.begin(ref(exec));
  reads.begin(ref('c', 2));
  assert.deepEqual(reads.pending('c', 1), [ref('a'), ref('b')]);
  reads.end(ref('a'));
  reads.end(ref('a'));
  assert.deepEqual(reads.pending('c', 1), [ref('b')]);
});

test('what was read for somebody is kept until they have it', () => {
  const reads = makeExitReads();
  reads.begin(ref('a'));
  reads.keep(ref('a'), EXIT);
  assert.deepEqual([reads.pending('c', 1), reads.kept(ref('a'))], [[], EXIT]);
  // The next try begins anew, and it is still there.
  reads.begin(ref('a'));
  assert.deepEqual(reads.kept(ref('a')), EXIT);
  reads.end(ref('a'));
  assert.equal(reads.kept(ref('a')), undefined);
  reads.keep(ref('a'), EXIT);
  assert.equal(reads.kept(ref('a')), undefined, 'nobody asks any more');
});

test('what is waited for is had once, and is broken off with the read', async () => {
  const reads = makeExitReads();
  reads.await(ref('a'), async () => END);
  assert.equal(await reads.awaited(ref('a')), undefined, 'nobody has begun to read it');
  reads.begin(ref('a'));
  reads.await(ref('a'), async () => END);
  assert.deepEqual(await reads.awaited(ref('a')), END);
  assert.equal(await reads.awaited(ref('a')), undefined);
  reads.await(ref('a'), forever);
  const broken = reads.awaited(ref('a'));
  reads.end(ref('a'));
  assert.equal(await broken, undefined);
});

test('of what did not begin the wait is broken off, and the next try has its own', async () => {
  const reads = makeExitReads();
  reads.begin(ref('a'));
  const signals: AbortSignal[] = [];
  reads.await(ref('a'), (signal) => {
    signals.push(signal);
    return forever(signal);
  });
  reads.notBegun(ref('a'));
  assert.deepEqual([signals[0]?.aborted, reads.pending('c', 1)], [true, [ref('a')]]);
  reads.await(ref('a'), async () => END);
  assert.deepEqual(await reads.awaited(ref('a')), END);
});
