import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  all,
  collect,
  dir,
  logged,
  parameters,
  pidOf,
  rssKiB,
  shimStdin,
  stdio,
  until,
  writer,
} from './stdio.fixture.ts';

test('clients attached before and during a run get its output and its end', async () => {
  const early = await stdio.attach('c1', all);
  const outOnly = await stdio.attach('c1', { ...all, stderr: false });
  const paths = await stdio.open(parameters());
  writer(paths, 'echo one; echo err >&2; sleep 0.3; echo two');
  await until(() => fs.readFileSync(parameters().logPath, 'utf8').includes('one'));
  const late = await stdio.attach('c1', all);
  assert.equal((await stdio.list())[0]?.clients, 3);
  const texts = await Promise.all([early, outOnly, late].map(collect));
  assert.deepEqual(texts[0], { stdout: 'one\ntwo\n', stderr: 'err\n' });
  assert.deepEqual(texts[1], { stdout: 'one\ntwo\n', stderr: '' });
  assert.deepEqual(texts[2], { stdout: 'two\n', stderr: '' });
  assert.equal(await stdio.awaitEnd('c1', 1, 1000), true);
});

test('a run is opened after the clients that asked before, whoever is answered first', async () => {
  const asked = Array.from({ length: 20 }, () => stdio.attach('c1', all));
  const paths = await stdio.open(parameters());
  assert.deepEqual(stdio.paths(parameters()), paths);
  writer(paths, 'echo first');
  for (const client of await Promise.all(asked)) {
    assert.equal((await collect(client)).stdout, 'first\n');
  }
});

test('after a run a client waits for the next, and is let go when none comes', async () => {
  const paths = await stdio.open(parameters());
  writer(paths, 'echo one');
  await stdio.awaitEnd('c1', 1, 5000);
  const next = await stdio.attach('c1', all);
  await stdio.close('c1', 1);
  const second = await stdio.open(parameters({ run: 2 }));
  writer(second, 'echo two');
  assert.equal((await collect(next)).stdout, 'two\n');
  const never = await stdio.attach('c1', all);
  await stdio.abandon('c1');
  assert.deepEqual(await collect(never), { stdout: '', stderr: '' });
});

test('closing a run ends its clients after they got everything', async () => {
  const paths = await stdio.open(parameters({ tty: true }));
  assert.equal(paths.stderr, '');
  const attached = await stdio.attach('c1', all);
  writer(paths, 'printf prompt; sleep 60');
  await until(async () => (await stdio.list()).length === 1);
  await pause(100);
  await stdio.close('c1', 1);
  assert.equal((await collect(attached)).stdout, 'prompt');
});

test('stdin sent before the start arrives, and its end with StdinOnce', async () => {
  const attached = await stdio.attach('c1', all);
  attached.write('early ');
  const paths = await stdio.open(parameters({ openStdin: true, stdinOnce: true }));
  attached.end('late\n');
  await pause(50);
  const cat = writer(paths, `${shimStdin(paths.stdin, true)}; cat <&6`);
  assert.equal((await collect(attached)).stdout, 'early late\n');
  await until(() => cat.exitCode === 0);
  assert.equal(await stdio.awaitStdinClosed('c1', 1, 1000), true);
  assert.equal((await stdio.list())[0]?.stdinClosed, true);
});

test('a megabyte of stdin and its end pass through a slow reader', async () => {
  const paths = await stdio.open(parameters({ openStdin: true, stdinOnce: true }));
  const attached = await stdio.attach('c1', all);
  attached.end(Buffer.alloc(1_000_000, 'x'));
  writer(paths, `${shimStdin(paths.stdin, true)}; sleep 0.3; wc -c <&6`);
  assert.equal((await collect(attached)).stdout.trim(), '1000000');
});

test('without StdinOnce stdin survives its client', async () => {
  const paths = await stdio.open(parameters({ openStdin: true }));
  const first = await stdio.attach('c1', all);
  first.end('one\n');
  const echo = 'read a <&6; echo $a';
  writer(paths, `${shimStdin(paths.stdin, true)}; ${echo}; ${echo}; cat <&6`);
  await until(() => fs.readFileSync(parameters().logPath, 'utf8').includes('one'));
  first.destroy();
  const second = await stdio.attach('c1', all);
  second.write('two\n');
  assert.equal(await stdio.awaitStdinClosed('c1', 1, 50), false);
  await stdio.closeStdin('c1', 1);
  assert.equal((await collect(second)).stdout, 'two\n');
  assert.equal(await stdio.awaitStdinClosed('c1', 1, 1000), true);
});

test('a client that went away while it waited does not close the next stdin', async () => {
  const gone = await stdio.attach('c1', all);
  const halfGone = await stdio.attach('c1', all);
  halfGone.end();
  await pause(50);
  gone.destroy();
  halfGone.destroy();
  await pause(50);
  const paths = await stdio.open(parameters({ openStdin: true, stdinOnce: true }));
  assert.deepEqual((await stdio.list())[0], {
    container: 'c1',
    run: 1,
    ended: false,
    stdinClosed: false,
    clients: 0,
  });
  const attached = await stdio.attach('c1', all);
  attached.end('hello\n');
  writer(paths, `${shimStdin(paths.stdin, true)}; cat <&6`);
  assert.equal((await collect(attached)).stdout, 'hello\n');
});

test('a client that does not read holds up the output, at constant memory', async () => {
  const paths = await stdio.open(parameters());
  const slow = await stdio.attach('c1', all);
  const idle = rssKiB(await pidOf());
  writer(paths, `head -c 20000000 /dev/zero | tr '\\0' x | fold -w 99`);
  const size = (): number => fs.statSync(parameters().logPath).size;
  await until(() => size() > 1_000_000);
  await pause(500);
  const held = size();
  await pause(200);
  assert.equal(size(), held, 'the output is held up');
  assert.ok(held < 6_000_000, `${held} bytes of log`);
  assert.ok(rssKiB(await pidOf()) - idle < 30_000, 'memory is bounded');
  assert.equal(await stdio.awaitEnd('c1', 1, 50), false);
  slow.destroy();
  assert.equal(await stdio.awaitEnd('c1', 1, 20_000), true);
  assert.equal(logged().replaceAll('\n', '').length, 20_000_000);
  assert.ok(rssKiB(await pidOf()) - idle < 40_000, 'memory is flat');
});

test('a client that reads slowly gets everything', async () => {
  const paths = await stdio.open(parameters());
  const slow = await stdio.attach('c1', all);
  writer(paths, 'seq 1 400000');
  await pause(300);
  const { stdout } = await collect(slow);
  assert.equal(stdout, Array.from({ length: 400_000 }, (_, i) => `${i + 1}\n`).join(''));
  assert.equal(await stdio.awaitEnd('c1', 1, 5000), true);
  assert.equal(logged(), stdout);
});

test('an attached client goes on when the process is killed, both ways and to the end', {
  timeout: 20_000,
}, async () => {
  const paths = await stdio.open(parameters({ openStdin: true, stdinOnce: true }));
  const attached = await stdio.attach('c1', all);
  const output = collect(attached);
  // What the client has not got yet goes down with the process.
  let received = 0;
  attached.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  const echo = 'echo one; read a <&6; echo $a';
  writer(paths, `${shimStdin(paths.stdin, false)}; ${echo}`);
  await until(() => received > 0);
  const before = await pidOf();
  process.kill(before, 'SIGKILL');
  await until(async () => (await pidOf()) !== before);
  attached.end('two\n');
  assert.equal(await stdio.awaitStdinClosed('c1', 1, 5_000), true);
  assert.equal(await stdio.awaitEnd('c1', 1, 5_000), true);
  assert.deepEqual(await output, { stdout: 'one\ntwo\n', stderr: '' });
});

test('a client whose run ended while the process was dead is not left to wait', {
  timeout: 20_000,
}, async () => {
  const paths = await stdio.open(parameters());
  const attached = await stdio.attach('c1', all);
  const waits = await stdio.attach('c2', all);
  const output = collect(attached);
  const child = writer(paths, `until [ -e '${dir}/go' ]; do sleep 0.01; done`);
  await until(async () => (await stdio.list())[0]?.clients === 1);
  process.kill(await pidOf(), 'SIGKILL');
  fs.writeFileSync(`${dir}/go`, '');
  await until(() => child.exitCode === 0);
  assert.equal(await stdio.awaitEnd('c1', 1, 5_000), true);
  assert.deepEqual(await output, { stdout: '', stderr: '' });
  const next = await stdio.open(parameters({ container: 'c2' }));
  writer(next, 'echo here');
  assert.equal((await collect(waits)).stdout, 'here\n');
});
