/** A stdio process of its own for each test, and writers that behave like containerd's shim. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach } from 'node:test';
import { connectStdio, type Stdio } from './client.ts';
import { parseRecord } from './logRecord.ts';
import type { RunParameters } from './protocol.ts';

export { until } from './waiting.fixture.ts';

export const all = { stdin: true, stdout: true, stderr: true };
export let dir = '';
export let stdio: Stdio;
export const children: ChildProcess[] = [];
export async function connectAgain(): Promise<void> {
  stdio = await connectStdio({ dir: join(dir, 's') });
}

beforeEach(async () => {
  dir = fs.mkdtempSync(join(tmpdir(), 'shiplog-stdio-'));
  await connectAgain();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await stdio.shutdown();
  fs.rmSync(dir, { recursive: true });
});

export function parameters(more: Partial<RunParameters> = {}): RunParameters {
  return {
    container: 'c1',
    run: 1,
    tty: false,
    openStdin: false,
    stdinOnce: false,
    logPath: join(dir, 'c1-json.log'),
    logDriver: 'json-file',
    logOptions: {},
    ...more,
  };
}

/** Opens the FIFOs as the shim does, for writing and again for reading, and runs a script. */
export function writer(paths: { stdout: string; stderr: string }, script: string): ChildProcess {
  const opened = `exec 1>'${paths.stdout}' 3<'${paths.stdout}'`;
  const both = paths.stderr === '' ? opened : `${opened} 2>'${paths.stderr}' 4<'${paths.stderr}'`;
  const child = spawn('sh', ['-c', `${both}; ${script}`], { stdio: 'ignore' });
  children.push(child);
  return child;
}

/** Opens stdin as descriptor 6 as the shim does, with a writer of its own until CloseIO. */
export function shimStdin(stdin: string, closeIo: boolean): string {
  return `exec 5<>'${stdin}' 6<'${stdin}'${closeIo ? ' 5>&-' : ''}`;
}

export async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export function records(
  path = join(dir, 'c1-json.log'),
): { stream: string; line: Buffer; timeNs: bigint }[] {
  const lines = fs.readFileSync(path, 'utf8').split('\n');
  assert.equal(lines.pop(), '');
  return lines.map((line) => {
    const record = parseRecord(line);
    assert.ok(record, line);
    return record;
  });
}
export const logged = (stream = 'stdout'): string =>
  records()
    .filter((record) => record.stream === stream)
    .map(({ line }) => line)
    .join('');

/** Payloads by stream, of everything until the end. */
export async function collect(duplex: Duplex): Promise<{ stdout: string; stderr: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of duplex) chunks.push(chunk);
  let bytes = Buffer.concat(chunks);
  const texts = { stdout: '', stderr: '' };
  while (bytes.length > 0) {
    const end = 8 + bytes.readUInt32BE(4);
    assert.ok(bytes[0] === 1 || bytes[0] === 2);
    texts[bytes[0] === 1 ? 'stdout' : 'stderr'] += bytes.toString('utf8', 8, end);
    bytes = bytes.subarray(end);
  }
  return texts;
}

export async function pidOf(): Promise<number> {
  return (await stdio.ping()).pid ?? assert.fail();
}

export function rssKiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
