import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WholeLines } from './jsonLines.ts';
import { encodeAttributes, pieceBytes, recordTail } from './jsonRecord.ts';
import { recordsOf } from './logPage.fixture.ts';
import { type LogRecord, parseRecord } from './logRecord.ts';
import { jsonRecord } from './records.fixture.ts';

const RUNS = 1_500;
const SECONDS = ['2024-01-02T03:04:05', '2024-01-02T03:04:06', '1969-12-31T23:59:59'];
const FRACTIONS = ['', '.1', '.100000001', '.999999999', '.000000001', '.1000000019', '.', '.x'];
const ZONES = ['Z', '+02:00', 'z', ''];
const ATTRIBUTES = ['', '"a":"1"', '"a":"1","b":"<ü>"'].map((text) =>
  text === '' ? '' : encodeAttributes(JSON.parse(`{${text}}`)),
);

const stream = fc.constantFrom('stdout' as const, 'stdout' as const, 'stderr' as const);
/** Mostly the same: then lines are not parsed. */
const time = fc
  .tuple(
    fc.constantFrom('2024-01-02T03:04:05', ...SECONDS),
    fc.constantFrom('.1', '.25', ...FRACTIONS),
    fc.constantFrom('Z', 'Z', 'Z', ...ZONES),
  )
  .map((parts) => parts.join(''));
const ending = fc
  .tuple(stream, fc.constantFrom(...ATTRIBUTES), time)
  .map((parts) => recordTail(...parts));

/** What a container wrote, encoded as it is when it is logged. */
const written = fc
  .oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => Buffer.from(text)),
    fc.constantFrom('a line\n', 'with a carriage\r\n', '', '\n', 'a "quote" \\ <b>\t\u001b[0m\n'),
  )
  .map((text) => Buffer.from(text));
/** Rare: a piece of a long line. */
const long = fc
  .constantFrom('x', '<', 'é', '"')
  .map((sign) => Buffer.from(sign.repeat(pieceBytes)));
const ours = fc
  .tuple(fc.oneof({ arbitrary: written, weight: 50 }, { arbitrary: long, weight: 1 }), ending)
  .map(([text, tail]) => jsonRecord(text.subarray(0, pieceBytes), tail));

/** Everything that may stand in a JSON string, and some that may not. */
const sign = fc.oneof(
  fc.constantFrom('\\n', '\\r', '\\t', '\\b', '\\f', '\\"', '\\\\', '\\/', '\\u003c', '\\u001B'),
  fc.constantFrom('\\u00e9', '\\u20AC', '\\ufffd', '\\ud83d\\ude00', '\\ud83d', '\\ude00x'),
  fc.constantFrom('é', '€', '😀', '\u007f', ' ', 'plain text', 'four', 'and seven'),
  fc.constantFrom('\\u12', '\\u12g4', '\\x', '\t', '\u0000', '\u001f', '"', '\\'),
);
const mostlyText = fc.array(fc.oneof(fc.constantFrom('ab', 'of a line', '\\n'), sign), {
  maxLength: 12,
});
const begin = fc.constantFrom('{"log":"', '{"log":"', '{"log":"', '{"Log":"', '{"log": "');
const foreign = fc
  .tuple(begin, mostlyText, ending)
  .map(([head, text, tail]) => Buffer.concat([Buffer.from(head + text.join('')), tail]));

/** JSON, but not as Docker writes it; and what is no JSON. */
const other = fc
  .constantFrom(
    '',
    '[]',
    '{"log":"half',
    '{"log":"\\',
    '{"log":"no end"}',
    '{"log":1,"stream":"stdout","time":"2024-01-02T03:04:05.1Z"}',
    '{"log":"a\\n","stream":"stdin","time":"2024-01-02T03:04:05.1Z"}',
    '{"log":"a\\n","stream":"stdout","time":"2024-01-02T03:04:05.1Z"} ',
    '{"log":"a\\n","stream":"stdout","time":"2024-01-02T03:04:05.1Z"}}',
    '{"log":"a\\n","stream":"stdout","time":"2024-01-02T03:04:05.1Z","log":"b"}',
    '{"log":"a\\n", "stream":"stdout","time":"2024-01-02T03:04:05.1Z"}',
    '{"time":"2024-01-02T03:04:05.1Z","log":"a\\n","stream":"stderr"}',
    '{"log":"a\\n","stream":"stdout","attrs":{},"time":"2024-01-02T03:04:05.1Z"}',
    '{"log":"a\\n","stream":"stdout","attrs":{"b":"1","a":"2"},"time":"2024-01-02T03:04:05.1Z"}',
    '{"log":"a\\n","stream":"stdout","attrs":{"a":1},"time":"2024-01-02T03:04:05.1Z"}',
  )
  .map((text) => Buffer.from(`${text}\n`));
/** Records with bytes that are no UTF-8: each becomes three. */
const spoilt = fc
  .tuple(ours, fc.nat(), fc.constantFrom(0xff, 0xc3, 0x80), fc.constantFrom(1, 1, 400))
  .map(([line, at, byte, count]) => {
    const start = at % (line.length - 1);
    return Buffer.concat([
      line.subarray(0, start),
      Buffer.alloc(count, byte),
      line.subarray(start),
    ]);
  });

const lines = fc.array(
  fc.oneof(
    { arbitrary: ours, weight: 12 },
    { arbitrary: foreign, weight: 5 },
    { arbitrary: other, weight: 1 },
    { arbitrary: spoilt, weight: 1 },
  ),
  { maxLength: 60 },
);

/** Line by line, as JSON. */
function parsed(file: Buffer): readonly LogRecord[] {
  const records: LogRecord[] = [];
  for (let at = 0; ; ) {
    const end = file.indexOf('\n', at);
    if (end === -1) return records;
    records.push(...[parseRecord(file.toString('utf8', at, end)) ?? []].flat());
    at = end + 1;
  }
}

function read(file: Buffer, cuts: readonly number[]): readonly LogRecord[] {
  const parser = new WholeLines();
  const records: LogRecord[] = [];
  for (let at = 0, n = 0; at < file.length; n += 1) {
    // As in reading: the next bytes come into the same block.
    const block = Buffer.from(file.subarray(at, at + (cuts[n % cuts.length] ?? 1)));
    at += block.length;
    records.push(...recordsOf(parser.push(block)));
    block.fill(0);
  }
  return records;
}

test('each line of a file becomes what it says as JSON, wherever the blocks are cut', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(lines, fc.nat({ max: 80 }), cuts, (whole, torn, sizes) => {
      const all = Buffer.concat(whole);
      const file = all.subarray(0, Math.max(0, all.length - torn));
      assert.deepEqual(read(file, sizes), parsed(file));
    }),
    { numRuns: RUNS },
  );
});

test('each byte, and each escape, is told from what stands for itself at each place', () => {
  const tail = recordTail('stdout', '', '2024-01-02T03:04:05.1Z');
  const file: Buffer[] = [];
  for (let byte = 0; byte < 256; byte += 1) {
    for (const before of ['', '\\'])
      for (let at = 0; at < 8; at += 1) {
        const start = `{"log":"${'a'.repeat(at)}${before}`;
        file.push(Buffer.from(start), Buffer.from([byte]), Buffer.from('b'.repeat(8)), tail);
      }
  }
  const whole = Buffer.concat(file);
  // Line by line: one that is no UTF-8 would keep those beside it from being taken as they lie.
  const lines = [...whole.toString('latin1').matchAll(/.*\n/g)].map(([line]) => line.length);
  assert.deepEqual(read(whole, lines), parsed(whole));
});

test('half a line waits for its rest', () => {
  const parser = new WholeLines();
  const tail = recordTail('stdout', '', '2024-01-02T03:04:05.1Z');
  const whole = jsonRecord(Buffer.from('a line\n'), tail);
  for (const byte of whole.subarray(0, -1))
    assert.deepEqual(recordsOf(parser.push(Buffer.from([byte]))), []);
  const [record] = recordsOf(parser.push(Buffer.from('\n')));
  assert.equal(record?.line.toString(), 'a line\n');
});

test('lines that differ in nothing else are one span, also after one of another kind', () => {
  const ends = ['.1', '.1', '.1', '.2', '.2', '.1'].map((fraction) =>
    recordTail('stdout', '', `2024-01-02T03:04:05${fraction}Z`),
  );
  const file = Buffer.concat(ends.map((end) => jsonRecord(Buffer.from('a line\n'), end)));
  const parser = new WholeLines();
  parser.push(file);
  const { spans } = parser.push(file);
  assert.deepEqual(
    spans.map(({ records }) => records),
    [3, 2, 1],
  );
});
