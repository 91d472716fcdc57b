import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WholeLines } from './jsonLines.ts';
import { encodeRecord, recordTail } from './jsonRecord.ts';
import { parseRecord } from './logRecord.ts';

const TIMES = ['2024-01-02T03:04:05.1Z', '2024-01-02T03:04:05.100000001Z'];
const ENDINGS = [
  ...TIMES.flatMap((time) => [recordTail('stdout', '', time), recordTail('stderr', '', time)]),
  recordTail('stdout', '{"env":"a\\"b"}', TIMES[0] ?? ''),
];
const TEXTS = ['plain\n', 'no newline', '', '\n', '\\n\n', 'a "quote"\n', '<tag>\n', 'tab\tin it\n']
  .map((text) => Buffer.from(text))
  .concat(Buffer.from('grüße €\n'), Buffer.from([0xff, 0x61, 0x0a]), Buffer.from('x\ny'));
const DAMAGED = ['', '{"log":"half', '{"log":"raw\ttab\\n","stream":"stdout"}', '[]', '{"log":"\\'];

/** Numbers below `count` that look like chance and are the same each time. */
function chance(seed: number): (count: number) => number {
  let state = seed;
  return (count) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % count;
  };
}

/** A line of a file, with its newline. */
function line(next: (count: number) => number): Buffer {
  if (next(12) === 0) return Buffer.from(`${DAMAGED[next(DAMAGED.length)]}\n`);
  const text = TEXTS[next(2) === 0 ? 0 : next(TEXTS.length)] ?? Buffer.alloc(0);
  const ending = ENDINGS[next(3) === 0 ? next(ENDINGS.length) : 0] ?? Buffer.alloc(0);
  return Buffer.from(encodeRecord(text, ending));
}

test('each line of a file becomes what it says as JSON, wherever the blocks are cut', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const next = chance(seed);
    const lines = Array.from({ length: 1 + next(60) }, () => line(next));
    const expected = lines.flatMap((one) => parseRecord(one.toString().slice(0, -1)) ?? []);
    const file = Buffer.concat(lines);
    const parser = new WholeLines();
    const found = [];
    for (let at = 0; at < file.length; ) {
      const bytes = 1 + next(400);
      found.push(...parser.push(Buffer.from(file.subarray(at, at + bytes))));
      at += bytes;
    }
    assert.deepEqual(found, expected, `seed ${seed}`);
  }
});

test('half a line waits for its rest', () => {
  const parser = new WholeLines();
  const [ending = Buffer.alloc(0)] = ENDINGS;
  const whole = Buffer.from(encodeRecord(Buffer.from('a line\n'), ending));
  for (const byte of whole.subarray(0, -1)) assert.deepEqual(parser.push(Buffer.from([byte])), []);
  const [record] = parser.push(Buffer.from('\n'));
  assert.equal(record?.line.toString(), 'a line\n');
});
