/** What is kept of a probe's output, and how its timeout is said. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { type OutputName, stdcopyHeader } from '../stdio/stdcopy.ts';
import { goDuration } from './duration.ts';
import { ProbeOutput } from './probeOutput.ts';

const frame = (stream: OutputName, text: string): Buffer =>
  Buffer.concat([stdcopyHeader(stream, Buffer.byteLength(text)), Buffer.from(text)]);

async function kept(...chunks: readonly Buffer[]): Promise<string> {
  const stream = new PassThrough();
  const output = new ProbeOutput(stream);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await output.ended;
  return output.text();
}

test('both streams are one text, however the frames are cut', async () => {
  const whole = Buffer.concat([frame('stdout', 'out\n'), frame('stderr', 'err\n')]);
  assert.equal(await kept(whole), 'out\nerr\n');
  assert.equal(await kept(...[...whole].map((byte) => Buffer.from([byte]))), 'out\nerr\n');
});

test('4096 bytes are kept, and three dots stand for more', async () => {
  assert.equal(await kept(frame('stdout', 'x'.repeat(4_096))), 'x'.repeat(4_096));
  const more = await kept(frame('stdout', 'x'.repeat(4_000)), frame('stderr', 'y'.repeat(9_000)));
  assert.equal(more, `${'x'.repeat(4_000)}${'y'.repeat(96)}...`);
});

test('a connection that breaks leaves what came before', async () => {
  const stream = new PassThrough();
  const output = new ProbeOutput(stream);
  stream.write(frame('stdout', 'some'));
  await new Promise((resolve) => setImmediate(resolve));
  stream.destroy(new Error('broken'));
  await output.ended;
  assert.equal(output.text(), 'some');
});

const durations: readonly (readonly [number, string])[] = [
  [30_000, '30s'],
  [1_000, '1s'],
  [1_500, '1.5s'],
  [700, '700ms'],
  [1.5, '1.5ms'],
  [60_000, '1m0s'],
  [90_500, '1m30.5s'],
  [3_600_000, '1h0m0s'],
  [3_723_004, '1h2m3.004s'],
  [0.5, '500µs'],
  [0, '0s'],
];
for (const [ms, text] of durations) {
  test(`${ms} ms are ${text}`, () => assert.equal(goDuration(ms), text));
}
