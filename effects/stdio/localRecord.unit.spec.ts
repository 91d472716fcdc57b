import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LocalRecords, localHead } from './localRecord.ts';
import { recordsOf } from './logPage.fixture.ts';
import { localRecord } from './records.fixture.ts';

const TIME = '2024-01-02T03:04:05.123456789Z';

function record(line: Buffer, attributes = '', stream: 'stdout' | 'stderr' = 'stdout'): Buffer {
  return localRecord(line, localHead(stream, attributes, TIME));
}

test('any bytes come back as they were, however the file is cut in reading', () => {
  const lines = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 50 }), (written, step) => {
      const bytes = Buffer.concat(written.map((line) => record(Buffer.from(line))));
      const records = new LocalRecords();
      const read: string[] = [];
      for (let at = 0; at < bytes.length; at += step)
        for (const { line } of recordsOf(records.push(bytes.subarray(at, at + step))))
          read.push(line.toString('hex'));
      assert.deepEqual(
        read,
        written.map((line) => Buffer.from(line).toString('hex')),
      );
    }),
  );
});

test('a record has its stream, its time and its attributes', () => {
  const bytes = record(Buffer.from([0xff, 0x0a]), '{"a":"1"}', 'stderr');
  const [read] = recordsOf(new LocalRecords().push(bytes));
  assert.deepEqual(read, {
    stream: 'stderr',
    timeNs: 1_704_164_645_123_456_789n,
    line: Buffer.from([0xff, 0x0a]),
    attributes: { a: '1' },
  });
});

test('what is damaged is passed over, what is not whole waits', () => {
  const whole = record(Buffer.from('one\n'));
  const damaged = record(Buffer.from('two\n'));
  damaged.writeUInt32BE(7, damaged.length - 4);
  const records = new LocalRecords();
  const bytes = Buffer.concat([whole, damaged, whole, whole.subarray(0, 9)]);
  assert.deepEqual(
    recordsOf(records.push(bytes)).map(({ line }) => String(line)),
    ['one\n', 'one\n'],
  );
  assert.equal(recordsOf(records.push(whole.subarray(9))).length, 1);
});
