import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { mkfifo } from './fifo.ts';
import { lock } from './flock.ts';
import { descriptorOf, executableOf, peerCredentials } from './peer.ts';
import { bootId, isAlive, parseStatus, signalProcess, startTime } from './process.ts';

let dir = '';
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'shiplog-system-'));
});
after(() => rmSync(dir, { recursive: true }));

test('a FIFO is made once and asked for as often as one likes', () => {
  const path = join(dir, 'fifo');
  mkfifo(path, 0o700);
  mkfifo(path, 0o700);
  assert.ok(lstatSync(path).isFIFO());
  assert.equal(lstatSync(path).mode & 0o777, 0o700);
});

test('a FIFO does not take the place of something else', () => {
  const path = join(dir, 'plain');
  writeFileSync(path, 'x');
  assert.throws(() => mkfifo(path, 0o700), { code: 'EEXIST' });
  assert.throws(() => mkfifo(join(dir, 'no', 'where'), 0o700), { code: 'ENOENT' });
});

test('a lock has one holder, in this process and beyond, until it is released', () => {
  const path = join(dir, 'lock');
  const first = lock(path);
  assert.equal(first.kind, 'locked');
  assert.equal(lock(path).kind, 'held');
  assert.equal(spawnSync('flock', ['-n', path, 'true']).status, 1);
  if (first.kind === 'locked') {
    first.release();
    first.release();
  }
  assert.equal(spawnSync('flock', ['-n', path, 'true']).status, 0);
  const second = lock(path);
  assert.equal(second.kind, 'locked');
  if (second.kind === 'locked') second.release();
});

test('the peer of a unix socket is known by the kernel', async () => {
  const path = join(dir, 'sock');
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  const client = connect(path);
  const [socket] = (await once(server, 'connection')) as [Socket];
  const fd = descriptorOf(socket);
  assert.ok(fd !== undefined);
  const expected = { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() };
  assert.deepEqual(peerCredentials(fd), expected);
  assert.equal(executableOf(process.pid), process.execPath);
  assert.equal(executableOf(2 ** 30), undefined);
  client.destroy();
  socket.destroy();
  assert.equal(descriptorOf(socket), undefined);
  server.close();
});

test('a TCP socket and a file have no peer credentials', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const client = connect(address.port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  assert.equal(peerCredentials(descriptorOf(socket) ?? -1), undefined);
  assert.equal(peerCredentials(0x7fff), undefined);
  client.destroy();
  socket.destroy();
  server.close();
});

test('a process is known by pid and start time, even with a vile name', async () => {
  assert.match(bootId(), /^[0-9a-f-]{36}$/);
  const program = join(dir, 'a) Z (b');
  copyFileSync('/bin/sleep', program);
  chmodSync(program, 0o755);
  const child = spawn(program, ['60']);
  await once(child, 'spawn');
  const pid = child.pid ?? -1;
  const started = startTime(pid);
  assert.ok(started !== undefined && /^\d+$/.test(started));
  assert.equal(isAlive(pid, started), true);
  assert.equal(isAlive(pid, `${started}0`), false);
  assert.equal(signalProcess(pid, `${started}0`, 'SIGKILL'), false);
  assert.equal(isAlive(pid, started), true);
  assert.equal(signalProcess(pid, started, 'SIGKILL'), true);
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
  assert.equal(isAlive(pid, started), false);
  assert.equal(startTime(pid), undefined);
  assert.equal(signalProcess(pid, started, 'SIGKILL'), false);
});

test('a zombie is not alive', () => {
  const line = `7 (x) R) Z ${Array.from({ length: 30 }, (_, i) => i + 4).join(' ')}`;
  assert.deepEqual(parseStatus(line), { state: 'Z', startTime: '22', group: 5 });
});
