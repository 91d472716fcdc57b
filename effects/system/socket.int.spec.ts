import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { clearSocket, groupId, permitSocket } from './socket.ts';

const directory = mkdtempSync(join(tmpdir(), 'shiplog-socket-'));
after(() => rmSync(directory, { recursive: true, force: true }));

it('refuses a path on which somebody listens, and keeps it', async () => {
  const path = join(directory, 'live.sock');
  const server = createServer().listen(path);
  await new Promise((resolve) => server.once('listening', resolve));
  await assert.rejects(clearSocket(path), /another daemon listens/);
  assert.ok(existsSync(path));
  permitSocket(path, '7');
  assert.deepEqual([statSync(path).mode & 0o777, statSync(path).gid], [0o660, 7]);
  assert.equal(permitSocket(path, null, 'root:x:0:\ndocker:x:8:\n'), true);
  assert.deepEqual([statSync(path).mode & 0o777, statSync(path).gid], [0o660, 8]);
  assert.equal(permitSocket(path, null, 'root:x:0:\n'), false);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  server.close();
});

it('refuses a path that is no socket', async () => {
  const path = join(directory, 'file');
  writeFileSync(path, '');
  await assert.rejects(clearSocket(path), /is not a socket/);
});

it('makes the directory of a new one', async () => {
  await clearSocket(join(directory, 'new', 'x.sock'));
  assert.ok(existsSync(join(directory, 'new')));
});

it('finds a group by name or number', () => {
  assert.equal(groupId('docker', 'root:x:0:\ndocker:x:998:me\n'), 998);
  assert.equal(groupId('12', ''), 12);
  assert.throws(() => groupId('nobody-has-it', 'root:x:0:\n'), /unknown group/);
});
