/** Frames in pieces, and the empty ones that are for the daemon alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OutputName, stdcopyHeader } from './stdcopy.ts';
import { WholeFrames } from './wholeFrames.ts';

const frame = (stream: OutputName, text: string): Buffer =>
  Buffer.concat([stdcopyHeader(stream, text.length), Buffer.from(text)]);

test('frames pass whole, however they were cut, and a half one never does', () => {
  const all = Buffer.concat([frame('stdout', 'one'), frame('stderr', 'two')]);
  for (let cut = 0; cut <= all.length; cut += 1) {
    const frames = new WholeFrames();
    const passed = [...frames.push(all.subarray(0, cut)), ...frames.push(all.subarray(cut))];
    assert.deepEqual(Buffer.concat(passed), all);
  }
  const broken = new WholeFrames();
  assert.deepEqual(broken.push(all.subarray(0, 15)), [frame('stdout', 'one')]);
  broken.drop();
  assert.deepEqual(broken.push(frame('stderr', 'two')), [frame('stderr', 'two')]);
  assert.equal(broken.over, false);
});

test('empty frames say that a run was joined and that nothing comes any more', () => {
  const frames = new WholeFrames();
  const state = () => [frames.joined, frames.over];
  assert.deepEqual(state(), [false, false]);
  assert.deepEqual(frames.push(stdcopyHeader('stdout', 0)), []);
  assert.deepEqual(state(), [true, false]);
  assert.deepEqual(frames.push(stdcopyHeader('stderr', 0)), []);
  assert.deepEqual(state(), [true, true]);
  // Whoever waited for a run that does not come was in none.
  const waited = new WholeFrames();
  waited.push(stdcopyHeader('stderr', 0));
  assert.deepEqual([waited.joined, waited.over], [false, true]);
});
