/** Attach on real unix sockets: what the client sends and gets, byte for byte. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { frame } from '../stdcopy.ts';
import { type Served, serve, sleep, text } from '../testing/client.ts';
import { details, ID, running, type World, world } from '../testing/fakes.ts';
import type { FakeAttachment } from '../testing/streamFakes.ts';

let served: Served;
let here: World;

before(async () => {
  here = world();
  served = await serve(here);
});
after(() => served.close());
beforeEach(() => {
  here.containers.set(ID, running());
  here.attachments.length = 0;
  here.records = [];
});

const HEAD = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';
const post = (query: string, version = ''): string =>
  `POST ${version}/containers/web/attach?${query} HTTP/1.1\r\n`;

async function until<T>(look: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = look();
    if (found !== undefined) return found;
    await sleep(5);
  }
  throw new Error('it did not come');
}

const attached = (): Promise<FakeAttachment> => until(() => here.attachments[0]);

/** Reads up to the end of the head; the rest stays in the socket. */
async function head(socket: Socket): Promise<string> {
  let read = Buffer.alloc(0);
  for (;;) {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) await once(socket, 'readable');
    else read = Buffer.concat([read, chunk]);
    const end = read.indexOf('\r\n\r\n') + 4;
    if (end < 4) continue;
    if (end < read.length) socket.unshift(read.subarray(end));
    return read.subarray(0, end).toString('latin1');
  }
}

test('an upgrade is answered with 101 and nothing but its own headers', async () => {
  const socket = served.raw();
  socket.write(post('stream=1&stdout=1') + HEAD);
  const answer = await head(socket);
  assert.equal(
    answer,
    'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n' +
      'Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
  );
  assert.deepEqual((await attached()).options, { stdin: false, stdout: true, stderr: false });
  socket.destroy();
});

test('below 1.42 the media type is the raw one', async () => {
  const socket = served.raw();
  socket.write(post('stream=1&stdout=1', '/v1.41') + HEAD);
  assert.match(await head(socket), /Content-Type: application\/vnd\.docker\.raw-stream\r\n/);
  socket.destroy();
});

test('a client that ends its direction at once still gets all output, then the end', async () => {
  const socket = served.raw();
  socket.write(post('stream=1&stdout=1') + HEAD);
  await head(socket);
  socket.end();
  const attachment = await attached();
  await sleep(20);
  attachment.push(frame('stdout', Buffer.from('late')));
  await sleep(20);
  attachment.push(frame('stdout', Buffer.from('r')));
  attachment.push(null);
  assert.equal(await text(socket), '\x01\0\0\0\0\0\0\x04late\x01\0\0\0\0\0\0\x01r');
  assert.equal(attachment.stdinEnded, false);
});

test('bytes behind the head of the request reach stdin, and its end ends stdin', async () => {
  here.containers.set(ID, running({ config: { ...details().config, OpenStdin: true } }));
  const socket = served.raw();
  socket.write(`${post('stream=1&stdin=1&stdout=1')}${HEAD}early `);
  await head(socket);
  socket.end('late');
  const attachment = await attached();
  await until(() => (attachment.stdinEnded ? true : undefined));
  assert.equal(Buffer.concat(attachment.stdin).toString(), 'early late');
  attachment.push(null);
  assert.equal(await text(socket), '');
});

for (const upgrade of ['Upgrade: tcp\r\nConnection: Upgrade\r\n', ''])
  test(`a body is no input, ${upgrade === '' ? 'without' : 'with'} Upgrade`, async () => {
    here.containers.set(ID, running({ config: { ...details().config, OpenStdin: true } }));
    const socket = served.raw();
    const asked = post('stream=1&stdin=1&stdout=1');
    socket.write(`${asked}Host: x\r\n${upgrade}Content-Length: 15\r\n\r\n{"stream":`);
    socket.write('true}');
    await head(socket);
    socket.end('typed');
    const attachment = await attached();
    await until(() => (attachment.stdinEnded ? true : undefined));
    assert.equal(Buffer.concat(attachment.stdin).toString(), 'typed');
    attachment.push(null);
    assert.equal(await text(socket), '');
  });

test('without Upgrade the answer is 200 and raw bytes in both directions', async () => {
  here.containers.set(ID, running({ config: { ...details().config, OpenStdin: true } }));
  const socket = served.raw();
  socket.write(`${post('stream=1&stdin=1&stdout=1')}Host: x\r\nContent-Length: 0\r\n\r\n`);
  const answer = await head(socket);
  assert.equal(
    answer,
    'HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n',
  );
  socket.end('typed');
  const attachment = await attached();
  await until(() => (attachment.stdinEnded ? true : undefined));
  attachment.push(frame('stdout', Buffer.from('out')));
  attachment.push(null);
  assert.equal(await text(socket), '\x01\0\0\0\0\0\0\x03out');
  assert.equal(Buffer.concat(attachment.stdin).toString(), 'typed');
});

test('without Upgrade a body in chunks is stdin taken out of its chunks', async () => {
  here.containers.set(ID, running({ config: { ...details().config, OpenStdin: true } }));
  const socket = served.raw();
  socket.write(`${post('stream=1&stdin=1&stdout=1')}Host: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
  await head(socket);
  socket.write('5\r\ntyped\r\n0\r\n\r\n');
  const attachment = await attached();
  await until(() => (attachment.stdinEnded ? true : undefined));
  assert.equal(Buffer.concat(attachment.stdin).toString(), 'typed');
  attachment.push(null);
  assert.equal(await text(socket), '');
});

test('a terminal gets no frames, and detach keys end the attachment only', async () => {
  const config = { ...details().config, OpenStdin: true, Tty: true };
  here.containers.set(ID, running({ config }));
  const socket = served.raw();
  socket.write(post('stream=1&stdin=1&stdout=1') + HEAD);
  assert.match(await head(socket), /raw-stream/);
  const attachment = await attached();
  attachment.push(frame('stdout', Buffer.from('$ ')));
  await once(socket, 'readable');
  assert.equal(socket.read()?.toString(), '$ ');
  socket.write(Buffer.from([97, 16, 98, 16, 17]));
  assert.equal(await text(socket), '');
  assert.deepEqual([...Buffer.concat(attachment.stdin)], [97, 16, 98]);
  assert.equal(attachment.destroyed, true);
  assert.equal(attachment.stdinEnded, false);
});

test('stdin of a container that keeps it closed is ignored', async () => {
  const socket = served.raw();
  socket.write(`${post('stream=1&stdin=1&stdout=1')}${HEAD}typed`);
  await head(socket);
  const attachment = await attached();
  attachment.push(null);
  await text(socket);
  assert.deepEqual(attachment.stdin, []);
});

test('logs=1 replays first; without stream it ends there', async () => {
  here.records = [{ stream: 'stdout', timeNs: 1n, line: Buffer.from('old') }];
  const socket = served.raw();
  socket.write(post('logs=1&stdout=1') + HEAD);
  await head(socket).then((answer) => assert.match(answer, /^HTTP\/1.1 101/));
  assert.ok((await text(socket)).endsWith('\x03old'));
  assert.equal(here.attachments.length, 0);
  assert.equal(here.logOptions?.untilNs, here.nowNs);
});

test('when the client is gone the attachment is given up', async () => {
  const socket = served.raw();
  socket.write(post('stream=1&stdout=1') + HEAD);
  await head(socket);
  const attachment = await attached();
  socket.destroy();
  // The facade learns it when it writes: an end alone is only a half close.
  for (let tries = 0; tries < 100 && !attachment.destroyed; tries += 1) {
    attachment.push(frame('stdout', Buffer.from('x')));
    await sleep(5);
  }
  assert.equal(attachment.destroyed, true);
});

test('a removal ends the attachment to a container that never ran', async () => {
  here.containers.set(ID, details());
  const socket = served.raw();
  socket.write(post('stream=1&stdout=1') + HEAD);
  await head(socket);
  await attached();
  here.append(`container/${ID}`, 'container.removed');
  assert.equal(await text(socket), '');
});

const refused: readonly (readonly [string, 'running' | 'paused' | 'restarting', RegExp])[] = [
  [
    '/containers/nope/attach?stream=1',
    'running',
    /^HTTP\/1\.1 404 Not Found\r\n.*\r\n\r\nNo such container: nope\r\n$/s,
  ],
  [
    '/containers/web/attach?detachKeys=ctrl-',
    'running',
    /^HTTP\/1\.1 400 .*Invalid detach keys \(ctrl-\) provided\r\n$/s,
  ],
  [
    '/containers/web/attach?stream=1',
    'paused',
    /^HTTP\/1\.1 409 .*is paused, unpause the container before attach\r\n$/s,
  ],
  [
    '/containers/web/attach?stream=1',
    'restarting',
    /^HTTP\/1\.1 409 .*is restarting, wait until the container is running\r\n$/s,
  ],
  ['/v9.9/containers/web/attach', 'running', /^HTTP\/1\.1 400 .*client version 9\.9 is too new/s],
];
for (const [path, status, expected] of refused)
  test(`attach ${path} of a ${status} container is refused in plain text`, async () => {
    here.containers.set(ID, running({ status }));
    const socket = served.raw();
    socket.write(`POST ${path} HTTP/1.1\r\n${HEAD}`);
    const answer = await text(socket);
    assert.match(answer, expected);
    assert.match(answer, /Content-Type: application\/vnd\.docker\.raw-stream\r\n/);
    socket.end();
  });

test('an upgrade on a route that does not hijack is served as HTTP', async () => {
  const socket = served.raw();
  socket.write('GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
  assert.match(await head(socket), /^HTTP\/1\.1 200 OK/);
  socket.destroy();
});
