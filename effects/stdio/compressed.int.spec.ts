/** Logs whose older files are compressed, of both drivers: written, rotated, read from anywhere. */
import assert from 'node:assert/strict';
import { pbkdf2 } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { formatTimestamp } from '../system/timestamp.ts';
import { LogFile } from './logFile.ts';
import { formatOf } from './logFormat.ts';
import { recordsOf } from './logPage.fixture.ts';
import { type LogOptions, readLogs } from './logs.ts';
import { append as appendTo, jsonRecord, localRecord } from './records.fixture.ts';
import { until } from './waiting.fixture.ts';

const hard = promisify(pbkdf2);

let dir = '';
let path = '';
beforeEach(() => {
  dir = fs.mkdtempSync(join(tmpdir(), 'shiplog-logs-'));
  path = join(dir, 'x.log');
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

type Driver = 'json-file' | 'local';
const drivers: readonly Driver[] = ['json-file', 'local'];
const all: LogOptions = {
  stdout: true,
  stderr: true,
  follow: false,
  sinceNs: null,
  untilNs: null,
  tail: null,
};
const second = 1_000_000_000n;
/** Record `n` is of the second `n` from here. */
const epoch = 1_700_000_000n;
const limits = { maxBytes: 5_000, maxFiles: 4, compress: true };

function append(file: LogFile, driver: Driver, from: number, to: number): void {
  const format = formatOf(driver);
  for (let n = from; n <= to; n += 1) {
    const time = formatTimestamp((epoch + BigInt(n)) * second);
    const record = driver === 'local' ? localRecord : jsonRecord;
    appendTo(file, record(Buffer.from(`line ${n}\n`), format.shared('stdout', '', time)));
  }
  file.flush();
}

const names = (): readonly string[] => fs.readdirSync(dir).sort();
const compressed = ['x.log', 'x.log.1.gz', 'x.log.2.gz', 'x.log.3.gz'];

async function read(driver: Driver, options: Partial<LogOptions>): Promise<number[]> {
  const numbers: number[] = [];
  const request = { path, driver, options: { ...all, ...options }, watch: undefined };
  for await (const page of readLogs(request)) {
    for (const { line } of recordsOf(page)) numbers.push(Number(line.toString().slice(5)));
  }
  return numbers;
}
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Writes with a pause between, so that every file is compressed under its final number. */
async function write(driver: Driver, to: number): Promise<void> {
  const file = new LogFile(path, limits, (error) => assert.fail(String(error)));
  append(file, driver, 1, to);
  file.close();
  await until(() => names().join() === compressed.join());
}

for (const driver of drivers) {
  test(`${driver}: rotated files are compressed, and the log is one from any place`, async () => {
    await write(driver, 1000);
    for (const name of compressed.slice(1)) {
      assert.ok(gunzipSync(fs.readFileSync(join(dir, name))).length > 4_900, name);
      assert.equal(fs.statSync(join(dir, name)).mode & 0o777, 0o640);
    }
    const kept = await read(driver, {});
    assert.ok(kept.length > 150 && kept.length < 1000, String(kept.length));
    assert.deepEqual(kept, range(1001 - kept.length, 1000));
    for (const tail of [0, 1, 50, 100, 150, kept.length])
      assert.deepEqual(await read(driver, { tail }), range(1001 - tail, 1000), `tail ${tail}`);
    assert.deepEqual(await read(driver, { tail: 5000 }), kept);
    const first = kept[0] ?? 0;
    for (const from of [first + 3, first + 70, 900, 999, 1000])
      assert.deepEqual(
        await read(driver, { sinceNs: (epoch + BigInt(from)) * second }),
        range(from, 1000),
        `since ${from}`,
      );
    const untilNs = (epoch + BigInt(first + 80)) * second;
    assert.deepEqual(await read(driver, { untilNs }), range(first, first + 80));
  });

  test(`${driver}: following loses and doubles nothing while files are compressed`, async () => {
    const file = new LogFile(path, { ...limits, maxFiles: 200 }, () => undefined);
    append(file, driver, 1, 10);
    let written = 10;
    async function* watch(): AsyncGenerator<'grew' | 'ended'> {
      yield 'grew';
      for (let turn = 0; turn < 8; turn += 1) {
        append(file, driver, written + 1, written + 150);
        written += 150;
        // Half of the time the reader comes after the compression, half of it amid.
        if (turn % 2 === 0) await until(() => names().every((name) => !/\d$/.test(name)));
        yield 'grew';
      }
      yield 'ended';
    }
    const numbers: number[] = [];
    const options = { ...all, follow: true, tail: 3 };
    for await (const page of readLogs({ path, driver, options, watch: watch() }))
      for (const { line } of recordsOf(page)) numbers.push(Number(line.toString().slice(5)));
    file.close();
    assert.deepEqual(numbers, range(8, written));
  });
}

test('what a killed process left uncompressed, or half compressed, is taken up', async () => {
  const plain = new LogFile(path, { ...limits, compress: false });
  append(plain, 'json-file', 1, 1000);
  plain.close();
  fs.writeFileSync(`${path}.compressing`, 'half');
  const before = await read('json-file', {});
  new LogFile(path, limits).close();
  await until(() => names().join() === compressed.join());
  assert.deepEqual(await read('json-file', {}), before);
});

test('a file that is rotated before its compression has opened it is compressed', async () => {
  fs.writeFileSync(`${path}.1`, 'rotated\n');
  // No thread is free to open it.
  const busy = Array.from({ length: 16 }, () => hard('a', 'b', 20_000, 32, 'sha256'));
  const file = new LogFile(path, limits, (error) => assert.fail(String(error)));
  fs.renameSync(`${path}.1`, `${path}.2`);
  file.close();
  await until(() => names().join() === 'x.log,x.log.2.gz');
  await Promise.all(busy);
});

test('a damaged compressed file costs its own records alone', async () => {
  await write('json-file', 1000);
  fs.truncateSync(`${path}.2.gz`, 200);
  const numbers = await read('json-file', {});
  assert.deepEqual(numbers.slice(-90), range(911, 1000));
});

test('local: half a record at the end is cut off before the next is written', async () => {
  const file = new LogFile(path, { ...limits, compress: false });
  append(file, 'local', 1, 3);
  file.close();
  fs.truncateSync(path, fs.statSync(path).size - 5);
  const again = new LogFile(path, { ...limits, compress: false });
  again.mend(formatOf('local').mend);
  append(again, 'local', 4, 5);
  again.close();
  assert.deepEqual(await read('local', {}), [1, 2, 4, 5]);
});

test('since costs a look into the file, not the whole of it', async () => {
  const file = new LogFile(path, { maxBytes: undefined, maxFiles: 1, compress: false });
  append(file, 'json-file', 1, 200_000);
  file.close();
  const rchar = (): number =>
    Number(/rchar: (\d+)/.exec(fs.readFileSync('/proc/self/io', 'utf8'))?.[1]);
  const before = rchar();
  const sinceNs = (epoch + 199_900n) * second;
  assert.deepEqual(await read('json-file', { sinceNs }), range(199_900, 200_000));
  assert.ok(rchar() - before < 2_000_000, String(rchar() - before));
});
