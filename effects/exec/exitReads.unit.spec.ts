/** Who waits for exits of execs that are to be read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeExitReads } from './exitReads.ts';

const ref = (exec: string, run = 1) => ({ id: 'c', run, exec });

test('those of a run are over when the last is read, however often it was tried', async () => {
  const reads = makeExitReads();
  for (const exec of ['a', 'b', 'a']) reads.begin(ref(exec));
  reads.begin(ref('c', 2));
  let over = false;
  const waiting = reads.over('c', 1)?.then(() => {
    over = true;
  });
  reads.end(ref('a'));
  await Promise.resolve();
  assert.equal(over, false);
  reads.end(ref('b'));
  reads.end(ref('b'));
  await waiting;
  assert.deepEqual([over, reads.over('c', 1)], [true, undefined]);
});
