import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { LogPage, LogSpan } from '../ports.ts';
import { frame } from '../stdcopy.ts';
import { type LogRecord, pageOf } from '../testing/streamFakes.ts';
import { rfc3339Fixed } from '../time.ts';
import { type Rendering, renderedAll } from './output.ts';

const unstopped = new AbortController().signal;
const rendering: fc.Arbitrary<Rendering> = fc.record({
  tty: fc.boolean(),
  timestamps: fc.boolean(),
  details: fc.boolean(),
});
const record: fc.Arbitrary<LogRecord> = fc
  .tuple(
    fc.constantFrom('stdout' as const, 'stderr' as const),
    fc.constantFrom(0n, 1_500_000_000n, 1_704_164_645_123_456_789n),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(undefined, {}, { b: '1 2', a: 'ü(' }),
  )
  .map(([stream, timeNs, line, attributes]) =>
    attributes === undefined ? { stream, timeNs, line } : { stream, timeNs, line, attributes },
  );

/** A record as it goes to the client, by itself. */
function alone({ stream, timeNs, line, attributes }: LogRecord, how: Rendering): Buffer {
  const time = how.timestamps ? `${rfc3339Fixed(timeNs)} ` : '';
  const kept = attributes?.['b'] === undefined ? ' ' : 'a=%C3%BC%28,b=1+2 ';
  const text = Buffer.concat([Buffer.from(time + (how.details ? kept : '')), line]);
  return how.tty ? text : frame(stream, text);
}

/** Records of one kind in a row as one span. */
function joined({ frames, spans }: LogPage): LogPage {
  const longer: LogSpan[] = [];
  for (const span of spans) {
    const last = longer.at(-1) ?? span;
    const more = { ...span, records: last.records + 1, bytes: last.bytes + span.bytes };
    const isSame = isDeepStrictEqual({ ...last, records: 1, bytes: span.bytes }, span);
    if (longer.length > 0 && isSame) longer.splice(-1, 1, more);
    else longer.push(span);
  }
  return { frames, spans: longer };
}

async function output(pages: readonly LogPage[], how: Rendering): Promise<Buffer> {
  async function* given(): AsyncGenerator<LogPage> {
    yield* pages;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of renderedAll(given(), how, unstopped)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('each record goes out as it would alone, whatever it has in common with others', async () => {
  const pages = fc.array(fc.array(record, { maxLength: 12 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(pages, rendering, async (records, how) => {
      const expected = Buffer.concat(records.flat().map((one) => alone(one, how)));
      const made = records.map(pageOf);
      assert.deepEqual(await output(made, how), expected);
      assert.deepEqual(await output(made.map(joined), how), expected);
    }),
    { numRuns: 500 },
  );
});

test('an error after the first page is told in the stream', async () => {
  async function* broken(): AsyncGenerator<LogPage> {
    yield pageOf([{ stream: 'stdout', timeNs: 1n, line: Buffer.from('one\n') }]);
    throw new Error('gone');
  }
  const how = { tty: false, timestamps: false, details: false };
  const chunks: Buffer[] = [];
  for await (const chunk of renderedAll(broken(), how, unstopped)) chunks.push(chunk);
  assert.deepEqual(chunks, [
    frame('stdout', Buffer.from('one\n')),
    frame('error', Buffer.from('Error grabbing logs: gone\n')),
  ]);
});
