/** Attach over a websocket, with Node's own client at the other end, and with bad frames. */
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
  here.containers.set(ID, running({ config: { ...details().config, OpenStdin: true } }));
  here.attachments.length = 0;
  here.records = [];
});

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const get = (query: string, version = ''): string =>
  `GET ${version}/containers/web/attach/ws?${query} HTTP/1.1\r\nHost: x\r\n`;
const HEAD =
  'Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n' +
  `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`;

async function attached(): Promise<FakeAttachment> {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = here.attachments[0];
    if (found !== undefined) return found;
    await sleep(5);
  }
  throw new Error('nobody was attached');
}

/** A masked frame, as a client sends it. */
function masked(opcode: number, payload: Buffer, final = true): Buffer {
  const mask = Buffer.from([1, 2, 3, 4]);
  const body = Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)));
  assert.ok(payload.length < 126);
  return Buffer.concat([
    Buffer.from([(final ? 0x80 : 0) + opcode, 0x80 + payload.length]),
    mask,
    body,
  ]);
}

/** What the client gets up to the end. */
async function rest(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('the handshake is answered as the standard says', async () => {
  const socket = served.raw();
  socket.write(get('stream=1&stdout=1') + HEAD);
  const attachment = await attached();
  assert.deepEqual(attachment.options, { stdin: false, stdout: true, stderr: false });
  attachment.push(frame('stdout', Buffer.from('hi\n')));
  attachment.push(frame('stderr', Buffer.from([0xff, 0])));
  attachment.push(null);
  const all = (await rest(socket)).toString('latin1');
  assert.equal(
    all,
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n' +
      '\x82\x03hi\n\x82\x02\xff\0\x88\x02\x03\xe8',
  );
});

test('below 1.28 messages are text, below 1.42 all streams are on', async () => {
  const socket = served.raw();
  socket.write(get('stream=1', '/v1.27') + HEAD);
  const attachment = await attached();
  assert.deepEqual(attachment.options, { stdin: true, stdout: true, stderr: true });
  attachment.push(frame('stdout', Buffer.from('x')));
  attachment.push(null);
  assert.ok((await rest(socket)).toString('latin1').includes('\r\n\r\n\x81\x01x\x88'));
});

test('messages, whole and in parts, are the input, and a close frame is its end', async () => {
  const socket = served.raw();
  socket.write(get('stream=1&stdin=1&stdout=1') + HEAD);
  const attachment = await attached();
  const sent = Buffer.concat([
    masked(2, Buffer.from('one ')),
    masked(1, Buffer.from('t'), false),
    masked(9, Buffer.from('ping')),
    masked(0, Buffer.from('wo')),
    masked(8, Buffer.alloc(0)),
  ]);
  for (const byte of sent) socket.write(Buffer.from([byte]));
  while (!attachment.stdinEnded) await sleep(5);
  assert.equal(Buffer.concat(attachment.stdin).toString(), 'one two');
  attachment.push(frame('stdout', Buffer.from('late')));
  attachment.push(null);
  const all = (await rest(socket)).toString('latin1');
  assert.ok(all.endsWith('\x8a\x04ping\x82\x04late\x88\x02\x03\xe8'), JSON.stringify(all));
});

for (const [what, bytes] of [
  ['a frame that is not masked', Buffer.from('\x82\x01x', 'latin1')],
  ['reserved bits', Buffer.from('\xf2\x81\0\0\0\0x', 'latin1')],
  ['an unknown opcode', Buffer.from('\x83\x81\0\0\0\0x', 'latin1')],
  ['a ping in parts', Buffer.from('\x09\x81\0\0\0\0x', 'latin1')],
  ['a ping that is too long', Buffer.from('\x89\xfe\0\x80\0\0\0\0', 'latin1')],
  [
    'a frame that never ends',
    Buffer.from('\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff....', 'latin1'),
  ],
] as const) {
  test(`${what} closes the connection with its reason, and the attachment`, async () => {
    const socket = served.raw();
    socket.write(get('stream=1&stdin=1&stdout=1') + HEAD);
    const attachment = await attached();
    socket.write(bytes);
    const all = await rest(socket);
    assert.ok(all.toString('latin1').endsWith('\x88\x02\x03\xea'));
    if (!attachment.destroyed) await once(attachment, 'close');
  });
}

for (const [what, head] of [
  ['no upgrade', '\r\n'],
  ['another protocol', HEAD.replace('Upgrade: websocket', 'Upgrade: tcp')],
  ['no key', HEAD.replace(`Sec-WebSocket-Key: ${KEY}\r\n`, '')],
  ['a key that is none', HEAD.replace(KEY, 'x')],
  ['another version', HEAD.replace('13', '12')],
] as const) {
  test(`${what} is a 400, and nobody is attached`, async () => {
    const socket = served.raw();
    socket.write(get('stream=1') + head);
    const answer = await text(socket);
    assert.match(
      answer,
      /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*Content-Type: application\/json\r\n/,
    );
    assert.match(answer, /\{"message":"[^"]+"\}/);
    assert.equal(here.attachments.length, 0);
  });
}

test('a container that is not there is a 404 in JSON', async () => {
  const socket = served.raw();
  socket.write(get('stream=1').replace('web', 'nobody') + HEAD);
  const answer = await text(socket);
  assert.match(answer, /^HTTP\/1\.1 404 [\s\S]*\{"message":"No such container: nobody"\}/);
});

test('a client that goes away lets go of the streams', async () => {
  const socket = served.raw();
  socket.write(get('stream=1&stdin=1&stdout=1') + HEAD);
  const attachment = await attached();
  socket.destroy();
  // A direction that has ended may still be read from; only what is written shows who is gone.
  while (!attachment.destroyed) {
    attachment.push(frame('stdout', Buffer.from('anybody?\n')));
    await sleep(10);
  }
});
