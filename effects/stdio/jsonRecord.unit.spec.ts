import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf } from './bytes.ts';
import {
  encodeAttributes,
  encodeRecord,
  mostRecord,
  pieceBytes,
  recordTail,
} from './jsonRecord.ts';
import { LineCutter } from './lines.ts';
import { parseRecord } from './logRecord.ts';
import { jsonRecord } from './records.fixture.ts';

const time = '2024-01-02T03:04:05.1Z';
const logOf = (bytes: Buffer | string): string => {
  const text = jsonRecord(Buffer.from(bytes), recordTail('stdout', '', time)).toString('latin1');
  return text.slice('{"log":"'.length, text.indexOf('","stream"'));
};

test('a record has the keys in order, attributes only when there are any', () => {
  const line = Buffer.from('text\n');
  assert.equal(
    jsonRecord(line, recordTail('stderr', '', time)).toString(),
    `{"log":"text\\n","stream":"stderr","time":"${time}"}\n`,
  );
  assert.equal(
    jsonRecord(line, recordTail('stdout', encodeAttributes({ k: 'v', a: '<b>' }), time)).toString(),
    '{"log":"text\\n","stream":"stdout","attrs":{"a":"\\u003cb\\u003e","k":"v"},' +
      `"time":"${time}"}\n`,
  );
});

test('signs are escaped as Docker escapes them', () => {
  assert.equal(logOf('a"b\\c\r\n\t\x00\x1b\x7f'), 'a\\"b\\\\c\\r\\n\\u0009\\u0000\\u001b\x7f');
  assert.equal(logOf('<&>'), '\\u003c\\u0026\\u003e');
  assert.equal(logOf('\u2028\u2029'), '\\u2028\\u2029');
});

test('what is UTF-8 stays, every byte that is not becomes U+FFFD', () => {
  for (const text of ['ü', '€', '\u2027', '😀', '\ud7ff', '\ue000', '\u{10ffff}', '\ufffd']) {
    assert.equal(logOf(text), Buffer.from(text).toString('latin1'), text);
  }
  const bad: [number[], number][] = [
    [[0x80], 1],
    [[0xc0, 0x80], 2],
    [[0xc1, 0xbf], 2],
    [[0xe2, 0x82], 2],
    [[0xe0, 0x9f, 0x80], 3],
    [[0xed, 0xa0, 0x80], 3],
    [[0xf0, 0x8f, 0x80, 0x80], 4],
    [[0xf4, 0x90, 0x80, 0x80], 4],
    [[0xf5], 1],
    [[0xff], 1],
  ];
  for (const [bytes, count] of bad)
    assert.equal(logOf(Buffer.from(bytes)), '\\ufffd'.repeat(count));
  assert.equal(logOf(Buffer.from([0x61, 0xe2, 0x82, 0x62])), 'a\\ufffd\\ufffdb');
});

/** Each character that is UTF-8, each byte that is not, by itself. */
function escaped(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const lengths = [1, 2, 3, 4].filter((length) => at + length <= bytes.length);
    const length = lengths.find((one) => isUtf8(bytes.subarray(at, at + one)));
    const sign = bytes.toString('utf8', at, at + (length ?? 0));
    if (length === undefined) text += '\\ufffd';
    else if ('"\\'.includes(sign)) text += `\\${sign}`;
    else if ('\n\r'.includes(sign)) text += sign === '\n' ? '\\n' : '\\r';
    else if (sign < ' ' || '<>&\u2028\u2029'.includes(sign))
      text += `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
    else text += sign;
    at += length ?? 1;
  }
  return text;
}

test('any piece of any bytes is escaped sign by sign', () => {
  const bytes = fc
    .array(
      fc.oneof(
        fc.constantFrom('text', 'of', 'a', 'line\n', '€', 'ü', '😀', '\u2028', '"', '<', '&', '\\'),
        fc.string({ unit: 'binary-ascii', maxLength: 9 }),
        fc.uint8Array({ maxLength: 5 }).map((some) => Buffer.from(some)),
      ),
      { maxLength: 12 },
    )
    .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part))));
  const tail = recordTail('stdout', '', time);
  fc.assert(
    fc.property(bytes, fc.nat(), fc.nat(), fc.nat({ max: 9 }), (all, one, other, at) => {
      const ends = [one % (all.length + 1), other % (all.length + 1)] as const;
      const piece = { bytes: bytesOf(all), from: Math.min(...ends), to: Math.max(...ends) };
      const target = bytesOf(Buffer.alloc(at + mostRecord(piece, tail)));
      const end = encodeRecord(piece, tail, target, at);
      const text = escaped(all.subarray(piece.from, piece.to));
      assert.equal(target.buffer.toString('utf8', at, end), `{"log":"${text}${tail}`);
    }),
    { numRuns: 2_000 },
  );
});

test('each byte is told from what stands for itself at each place', () => {
  for (let byte = 0; byte < 256; byte += 1)
    for (let at = 0; at < 8; at += 1) {
      const line = Buffer.from('abcdefgh');
      line[at] = byte;
      assert.equal(Buffer.from(logOf(line), 'latin1').toString(), escaped(line));
    }
});

test('the longest piece of the worst bytes fits and is read back', () => {
  const worst = Buffer.alloc(pieceBytes, 1);
  const record = parseRecord(jsonRecord(worst, recordTail('stdout', '', time)).toString());
  assert.deepEqual(record?.line, worst);
  assert.equal(record?.timeNs, 1_704_164_645_100_000_000n);
  assert.equal(parseRecord('{"log":"x"}'), undefined);
  assert.equal(parseRecord('{"log":'), undefined);
  assert.equal(parseRecord('[]'), undefined);
});

function cut(...chunks: string[]): [number, boolean, boolean][] {
  const pieces: [number, boolean, boolean][] = [];
  let all = '';
  const cutter = new LineCutter((piece, first, last) => {
    all += piece.bytes.buffer.toString('utf8', piece.from, piece.to);
    pieces.push([piece.to - piece.from, first, last]);
  });
  for (const chunk of chunks) cutter.push(Buffer.from(chunk));
  cutter.flush();
  assert.equal(all, chunks.join(''));
  return pieces;
}

test('lines are cut at newlines, wherever the chunks end', () => {
  assert.deepEqual(cut('a\nbc', 'd\n', '\n'), [
    [2, true, true],
    [4, true, true],
    [1, true, true],
  ]);
  assert.deepEqual(cut('no newline'), [[10, true, true]]);
  assert.deepEqual(cut(''), []);
});

test('a long line is cut after 16384 bytes, and its newline counts', () => {
  const x = (n: number): string => 'x'.repeat(n);
  assert.deepEqual(cut(`${x(16383)}\n`), [[16384, true, true]]);
  assert.deepEqual(cut(`${x(16384)}\n`), [
    [16384, true, false],
    [1, false, true],
  ]);
  const long: [number, boolean, boolean][] = [
    [16384, true, false],
    [16384, false, false],
    [233, false, true],
    [2, true, true],
  ];
  assert.deepEqual(cut(`${x(33000)}\na\n`), long);
  assert.deepEqual(cut(x(5), x(16390), x(16605), '\na', '\n'), long);
  assert.deepEqual(cut(x(16384)), [[16384, true, false]]);
});
