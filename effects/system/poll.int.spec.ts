import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { descriptorOf } from './peer.ts';
import { isHungUp } from './poll.ts';

test('a peer that stopped writing is told from one that is gone', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'shiplog-poll-'));
  const server = createServer({ allowHalfOpen: true }).listen(join(dir, 's'));
  await once(server, 'listening');
  const client = connect({ path: join(dir, 's'), allowHalfOpen: true });
  const [socket] = (await once(server, 'connection')) as [Socket];
  const fd = descriptorOf(socket) ?? -1;
  assert.equal(isHungUp(fd), false);
  client.end();
  socket.resume();
  await once(socket, 'end');
  assert.equal(isHungUp(fd), false);
  client.destroy();
  await once(client, 'close');
  assert.equal(isHungUp(fd), true);
  socket.destroy();
  server.close();
  rmSync(dir, { recursive: true });
});
