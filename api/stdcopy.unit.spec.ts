/** Framing, and its undoing however the frames are cut. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frame, outputType, unframe } from './stdcopy.ts';

test('a frame is stream, three zeros, length and payload', () => {
  const framed = frame('stderr', Buffer.alloc(258, 1));
  assert.deepEqual([...framed.subarray(0, 9)], [2, 0, 0, 0, 0, 0, 1, 2, 1]);
  assert.equal(framed.length, 266);
});

test('frames cut at every place give their payloads', async () => {
  const whole = Buffer.concat([
    frame('stdout', Buffer.from('one')),
    frame('stdout', Buffer.alloc(0)),
    frame('stderr', Buffer.from('two')),
  ]);
  for (let size = 1; size <= whole.length; size += 1) {
    const stream = unframe();
    for (let at = 0; at < whole.length; at += size) stream.write(whole.subarray(at, at + size));
    stream.end();
    const payload = Buffer.concat(await stream.toArray()).toString();
    assert.equal(payload, 'onetwo', `cut every ${size} bytes`);
  }
});

test('only framed output of new clients has a name of its own', () => {
  assert.match(outputType(false, true), /multiplexed/);
  assert.match(outputType(true, true), /raw-stream/);
  assert.match(outputType(false, false), /raw-stream/);
});
