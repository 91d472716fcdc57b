/** An attached client's stream, over connections that are lost at the worst moments. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { LastingAttach } from './lastingAttach.ts';

const dir = mkdtempSync(join(tmpdir(), 'shiplog-lasting-'));
const path = join(dir, 'socket');
const accepted: ((socket: Socket) => void)[] = [];
const sockets: Socket[] = [];
const limits = { timeout: 20_000 };
const server = createServer({ allowHalfOpen: true }, (socket) => accepted.shift()?.(socket));

before(() => new Promise<void>((resolve) => server.listen(path, resolve)));
after(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  rmSync(dir, { recursive: true });
});

/** Both ends of a connection. */
async function pair(): Promise<{ ours: Socket; theirs: Socket }> {
  const theirs = new Promise<Socket>((resolve) => accepted.push(resolve));
  const ours = connect({ path, allowHalfOpen: true });
  ours.on('error', () => ours.destroy());
  sockets.push(ours, await theirs);
  return { ours, theirs: await theirs };
}

test(
  'what the kernel does not take any more is sent to the next, and the end after it',
  limits,
  async () => {
    const [first, second] = [await pair(), await pair()];
    const next = [second.ours];
    const attached = new LastingAttach(first.ours, { again: async () => next.shift() });
    attached.write('one\n');
    assert.equal(
      String(await new Promise((resolve) => first.theirs.once('data', resolve))),
      'one\n',
    );
    // Gone for the kernel; here nobody has been told yet.
    first.theirs.destroy();
    attached.end('two\n');
    assert.equal(await text(second.theirs), 'two\n');
  },
);

test('a connection that is lost before it is joined to is replaced, too', limits, async () => {
  const [first, second, third] = [await pair(), await pair(), await pair()];
  const next = [second.ours, third.ours];
  const attached = new LastingAttach(first.ours, {
    again: async () => {
      const socket = next.shift();
      if (socket !== second.ours) return socket;
      const closed = new Promise((resolve) => socket.once('close', resolve));
      second.theirs.destroy();
      socket.resume().on('end', () => socket.destroy());
      await closed;
      return socket;
    },
  });
  first.theirs.destroy();
  attached.end('here\n');
  assert.equal(await text(third.theirs), 'here\n');
});
