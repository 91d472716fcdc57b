import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { mount, unmount } from '../system/mounts.ts';
import { formatTimestamp } from '../system/timestamp.ts';
import { recordTail } from './jsonRecord.ts';
import { LogFile } from './logFile.ts';
import type { LogLimits } from './logOptions.ts';
import { recordsOf } from './logPage.fixture.ts';
import { type LogOptions, readLogs } from './logs.ts';
import { append, jsonRecord } from './records.fixture.ts';

let dir = '';
let path = '';
const driver = 'json-file';
beforeEach(() => {
  dir = fs.mkdtempSync(join(tmpdir(), 'shiplog-logs-'));
  path = join(dir, 'x-json.log');
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

const all: LogOptions = {
  stdout: true,
  stderr: true,
  follow: false,
  sinceNs: null,
  untilNs: null,
  tail: null,
};

function record(n: number, stream: 'stdout' | 'stderr' = 'stdout'): Buffer {
  const time = formatTimestamp(BigInt(n) * 1_000_000_000n);
  return jsonRecord(Buffer.from(`line ${n}\n`), recordTail(stream, '', time));
}

type Limits = Omit<LogLimits, 'compress'> & Partial<LogLimits>;

function write(from: number, to: number, limits: Limits = { maxBytes: 1e9, maxFiles: 1 }): void {
  const file = new LogFile(path, { compress: false, ...limits });
  for (let n = from; n <= to; n += 1) append(file, record(n, n % 2 === 0 ? 'stdout' : 'stderr'));
  file.flush();
  file.close();
}

async function read(options: Partial<LogOptions>): Promise<number[]> {
  const numbers: number[] = [];
  const pages = readLogs({ path, driver, options: { ...all, ...options }, watch: undefined });
  for await (const page of pages) {
    for (const { line } of recordsOf(page)) numbers.push(Number(line.toString().slice(5)));
  }
  return numbers;
}
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('a log that is not there is empty', async () => {
  assert.deepEqual(await read({}), []);
  assert.deepEqual(await read({ tail: 3 }), []);
});

test('the log is read whole, from its end, and through its filters', async () => {
  write(1, 5000);
  assert.deepEqual(await read({}), range(1, 5000));
  assert.deepEqual(await read({ tail: 0 }), []);
  assert.deepEqual(await read({ tail: 1 }), [5000]);
  assert.deepEqual(await read({ tail: 2500 }), range(2501, 5000));
  assert.deepEqual(await read({ tail: 5000 }), range(1, 5000));
  assert.deepEqual(await read({ tail: 6000 }), range(1, 5000));
  assert.deepEqual(await read({ tail: 5, stderr: false }), [4996, 4998, 5000]);
  assert.deepEqual(await read({ sinceNs: 4999_000_000_000n }), [4999, 5000]);
  assert.deepEqual(await read({ untilNs: 2_500_000_000n }), [1, 2]);
});

test('a tail costs the end of the file, not the whole', async () => {
  write(1, 200_000);
  const before = Number(/rchar: (\d+)/.exec(fs.readFileSync('/proc/self/io', 'utf8'))?.[1]);
  assert.deepEqual(await read({ tail: 10 }), range(199_991, 200_000));
  const after = Number(/rchar: (\d+)/.exec(fs.readFileSync('/proc/self/io', 'utf8'))?.[1]);
  assert.ok(after - before < 400_000, String(after - before));
});

test('damaged lines are passed over, half a line waits', async () => {
  write(1, 2);
  fs.appendFileSync(path, 'rubbish\n\n');
  write(3, 3);
  fs.appendFileSync(path, '{"log":"line 4');
  assert.deepEqual(await read({}), [1, 2, 3]);
});

test('rotated files are one log', async () => {
  write(1, 100, { maxBytes: 2000, maxFiles: 3 });
  assert.deepEqual(fs.readdirSync(dir).sort(), ['x-json.log', 'x-json.log.1', 'x-json.log.2']);
  const numbers = await read({});
  assert.ok(numbers.length > 50 && numbers.length < 100);
  assert.deepEqual(numbers, range(101 - numbers.length, 100));
  assert.deepEqual(await read({ tail: 40 }), range(61, 100));
  assert.deepEqual(await read({ tail: 99 }), numbers);
  for (const name of fs.readdirSync(dir)) {
    assert.ok(fs.readFileSync(join(dir, name), 'utf8').endsWith('}\n'));
    assert.ok(fs.statSync(join(dir, name)).size < 2100);
    assert.equal(fs.statSync(join(dir, name)).mode & 0o777, 0o640);
  }
});

test('with one file kept rotation starts it anew', () => {
  write(1, 100, { maxBytes: 2000, maxFiles: 1 });
  assert.deepEqual(fs.readdirSync(dir), ['x-json.log']);
  assert.ok(fs.statSync(path).size < 2100);
});

for (const limits of [
  { maxBytes: 1e9, maxFiles: 1 },
  { maxBytes: 700, maxFiles: 50 },
]) {
  test(`following loses and doubles nothing, rotated after ${limits.maxBytes} bytes`, async () => {
    write(1, 10, limits);
    let written = 10;
    async function* watch(): AsyncGenerator<'grew' | 'ended'> {
      yield 'grew';
      for (; written < 200; written += 40) {
        write(written + 1, written + 40, limits);
        yield 'grew';
      }
      write(written + 1, written + 1, limits);
      yield 'ended';
    }
    const numbers: number[] = [];
    const options = { ...all, follow: true, tail: 3 };
    for await (const page of readLogs({ path, driver, options, watch: watch() })) {
      for (const { line } of recordsOf(page)) numbers.push(Number(line.toString().slice(5)));
    }
    assert.deepEqual(numbers, range(8, written + 1));
  });
}

test('a log that does not exist yet is followed from its first record', async () => {
  async function* watch(): AsyncGenerator<'grew' | 'ended'> {
    yield 'grew';
    write(1, 2);
    yield 'ended';
  }
  const lines: string[] = [];
  const options = { ...all, follow: true };
  for await (const page of readLogs({ path, driver, options, watch: watch() }))
    for (const { line } of recordsOf(page)) lines.push(String(line));
  assert.deepEqual(lines, ['line 1\n', 'line 2\n']);
});

test('a write that the disk refuses leaves no half record, and the next ones succeed', async () => {
  const target = join(dir, 'small');
  fs.mkdirSync(target);
  await mount({ type: 'tmpfs', source: 'tmpfs', target, options: ['size=8k'] });
  try {
    const inside = join(target, 'log');
    const file = new LogFile(inside, { maxBytes: undefined, maxFiles: 1, compress: false });
    for (let n = 1; n <= 50; n += 1) append(file, record(n));
    file.flush();
    const before = fs.readFileSync(inside);
    for (let n = 51; n <= 200; n += 1) append(file, record(n));
    assert.throws(() => file.flush(), { code: 'ENOSPC' });
    assert.deepEqual(fs.readFileSync(inside), before);
    append(file, record(201));
    file.flush();
    assert.deepEqual(fs.readFileSync(inside), Buffer.concat([before, record(201)]));
    file.close();
  } finally {
    await unmount(target, { detach: true });
  }
});
