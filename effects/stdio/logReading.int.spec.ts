/** What is read of a log, whatever is asked for, beside what its files say line by line. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { formatTimestamp } from '../system/timestamp.ts';
import { recordTail } from './jsonRecord.ts';
import { allRecords } from './logPage.fixture.ts';
import { type LogRecord, parseRecord } from './logRecord.ts';
import { type LogOptions, readLogs } from './logs.ts';
import { jsonRecord } from './records.fixture.ts';

const dir = fs.mkdtempSync(join(tmpdir(), 'shiplog-reading-'));
after(() => fs.rmSync(dir, { recursive: true }));

const epoch = 1_700_000_000_000_000_000n;
const attributes = ['', '{"a":"1"}'];

/** A line of a file, after how much time. */
interface Written {
  readonly text: string;
  readonly stream: 'stdout' | 'stderr';
  readonly attributes: string;
  readonly afterNs: bigint;
}
const written: fc.Arbitrary<Written | 'damaged'> = fc.oneof(
  {
    arbitrary: fc.record({
      text: fc.oneof(fc.constantFrom('plain', 'a\ttab'), fc.string({ unit: 'grapheme' })),
      stream: fc.constantFrom('stdout' as const, 'stdout' as const, 'stderr' as const),
      attributes: fc.constantFrom('', '', ...attributes),
      afterNs: fc.constantFrom(-1_000_000_000n, 0n, 0n, 1n, 250_000_000n, 3_000_000_000n),
    }),
    weight: 20,
  },
  { arbitrary: fc.constant('damaged' as const), weight: 1 },
);
const bound = fc.option(fc.bigInt(epoch, epoch + 60_000_000_000n));
const options: fc.Arbitrary<LogOptions> = fc.record({
  stdout: fc.boolean(),
  stderr: fc.boolean(),
  follow: fc.constant(false),
  sinceNs: bound,
  untilNs: bound,
  tail: fc.option(fc.nat({ max: 60 })),
});

interface File {
  readonly lines: readonly (Written | 'damaged')[];
  /** What is missing at its end. */
  readonly torn: number;
  readonly compressed: boolean;
}
/** Oldest first; the newest is never compressed. */
const files: fc.Arbitrary<readonly File[]> = fc.array(
  fc.record({
    lines: fc.array(written, { minLength: 1, maxLength: 40 }),
    torn: fc.constantFrom(0, 0, 1, 30),
    compressed: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Writes the log. @returns the whole lines of each file, oldest first */
function write(path: string, log: readonly File[]): readonly (readonly string[])[] {
  let timeNs = epoch;
  const encoded = (line: Written | 'damaged'): Buffer => {
    if (line === 'damaged') return Buffer.from('{"log":"dama\n');
    timeNs += line.afterNs;
    const tail = recordTail(line.stream, line.attributes, formatTimestamp(timeNs));
    return jsonRecord(Buffer.from(`${line.text}\n`), tail);
  };
  return log.map(({ lines, torn, compressed }, index) => {
    const rotation = log.length - 1 - index;
    const name = rotation === 0 ? path : `${path}.${rotation}`;
    // A compressed file is counted by records: to others a damaged line is one, too.
    const isCompressed = compressed && rotation > 0 && !lines.includes('damaged');
    const all = Buffer.concat(lines.map(encoded));
    const bytes = all.subarray(0, Math.max(0, all.length - torn));
    fs.writeFileSync(isCompressed ? `${name}.gz` : name, isCompressed ? gzipSync(bytes) : bytes);
    return bytes.toString().split('\n').slice(0, -1);
  });
}

function expected(lines: readonly string[], asked: LogOptions): readonly LogRecord[] {
  const { sinceNs, untilNs, tail } = asked;
  const seen = tail === null ? lines : lines.slice(Math.max(0, lines.length - tail));
  const records = seen.flatMap((line) => parseRecord(line) ?? []);
  const start = records.findIndex(({ timeNs }) => sinceNs === null || timeNs >= sinceNs);
  if (start === -1) return [];
  const end = records.findIndex(
    ({ timeNs }, n) => n >= start && untilNs !== null && timeNs > untilNs,
  );
  const between = records.slice(start, end === -1 ? records.length : end);
  return between.filter(({ stream }) => asked[stream]);
}

test('whatever is asked for, it is what the files say line by line', async () => {
  let turn = 0;
  await fc.assert(
    fc.asyncProperty(files, fc.array(options, { minLength: 4, maxLength: 4 }), async (log, all) => {
      turn += 1;
      const path = join(dir, String(turn), 'x-json.log');
      fs.mkdirSync(join(dir, String(turn)));
      const lines = write(path, log).flat();
      for (const asked of all) {
        const request = { path, driver: 'json-file', options: asked, watch: undefined } as const;
        assert.deepEqual(await allRecords(readLogs(request)), expected(lines, asked));
      }
    }),
    { numRuns: 80 },
  );
});
