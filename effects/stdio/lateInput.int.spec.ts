/** Input for a process that has closed its output and reads on, and for what takes its place. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  all,
  collect,
  dir,
  parameters,
  pidOf,
  shimStdin,
  stdio,
  until,
  writer,
} from './stdio.fixture.ts';

const open = { openStdin: true, stdinOnce: true };
const got = (): string => {
  const path = join(dir, 'got');
  return fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : '';
};

/**
 * Says a word, closes its output, and keeps what it reads.
 * @param closeIo whether the end of its input is passed on at once
 */
async function reader(command = 'cat', closeIo = true): Promise<void> {
  const paths = await stdio.open(parameters(open));
  const quiet = 'exec 1>&- 2>&- 3>&- 4>&-';
  const keep = `${command} <&6 >'${join(dir, 'got')}'`;
  writer(paths, `${shimStdin(paths.stdin, closeIo)}; echo up; ${quiet}; ${keep}`);
  await until(async () => (await stdio.list())[0]?.ended === true);
}

test('what is sent after the output has ended arrives, and its end', async () => {
  const attached = await stdio.attach('c1', all);
  const output = collect(attached);
  await reader();
  attached.write('one\n');
  await until(() => got() === 'one\n');
  assert.equal(await stdio.awaitStdinClosed('c1', 1, 50), false);
  attached.end('two\n');
  assert.equal(await stdio.awaitStdinClosed('c1', 1, 10_000), true);
  await until(() => got() === 'one\ntwo\n');
  assert.deepEqual(await output, { stdout: 'up\n', stderr: '' });
});

test('a client that comes after the output has ended sends its input, too', async () => {
  await reader();
  const attached = await stdio.attach('c1', all);
  attached.end('late\n');
  await until(() => got() === 'late\n');
  assert.deepEqual(await collect(attached), { stdout: '', stderr: '' });
});

test('the clients of a process that has closed its output are let go with its exit', async () => {
  const listens = { ...all, stdin: false };
  const attached = [await stdio.attach('c1', all), await stdio.attach('c1', listens)];
  const outputs = attached.map(collect);
  await reader();
  assert.deepEqual(await outputs[1], { stdout: 'up\n', stderr: '' });
  const late = [await stdio.attach('c1', all), await stdio.attach('c1', listens)];
  await until(async () => (await stdio.list())[0]?.clients === 2);
  assert.equal(await stdio.awaitEnd('c1', 1, 1_000), true);
  assert.deepEqual(await outputs[0], { stdout: 'up\n', stderr: '' });
  for (const one of late) assert.deepEqual(await collect(one), { stdout: '', stderr: '' });
  assert.equal(await stdio.awaitStdinClosed('c1', 1, 10_000), true);
  const next = await stdio.attach('c1', all);
  assert.equal((await stdio.list())[0]?.clients, 0, 'whoever comes now waits for the next run');
  next.destroy();
});

test('input goes on after a kill of the process, also when the output had ended', {
  timeout: 60_000,
}, async () => {
  const attached = await stdio.attach('c1', all);
  const output = collect(attached);
  await reader('head -n 1', false);
  const before = await pidOf();
  process.kill(before, 'SIGKILL');
  await until(async () => (await pidOf()) !== before);
  attached.end('two\n');
  assert.equal(await stdio.awaitStdinClosed('c1', 1, 10_000), true);
  await until(() => got() === 'two\n');
  assert.deepEqual(await output, { stdout: 'up\n', stderr: '' });
});
