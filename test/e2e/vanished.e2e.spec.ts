/**
 * Clients that end their direction, are heard of no more, and then are gone without a word, as a
 * killed `docker run` is: whatever they asked for, nothing of theirs stays open.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const stdioPid = (): number =>
  JSON.parse(readFileSync(join(daemon.execRoot, 'stdio', 'pid'), 'utf8')).pid;

/** All but sockets, as `7 /path`. One that is closed meanwhile is none. */
function files(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const name = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return name.startsWith('socket:') ? [] : [`${fd} ${name}`];
    } catch {
      return [];
    }
  });
}

/** Taken by daemon, stdio process or containerd; the one to a helper such as nft has no name. */
const connections = (): readonly string[] =>
  readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${daemon.execRoot}/`));

const open = () => [files(daemon.pid()), files(stdioPid()), connections()] as const;

const UPGRADE = ['Connection: Upgrade', 'Upgrade: tcp'];
const WEBSOCKET = [
  ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
const STREAMS = 'stream=1&stdin=1&stdout=1&stderr=1';

interface Asked {
  readonly head: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

async function exec(): Promise<string> {
  const asked = { AttachStdin: true, AttachStdout: true, Cmd: ['sleep', '1000'] };
  const { body } = await daemon.request('POST', '/containers/quiet/exec', asked);
  return `POST /exec/${JSON.parse(body).Id}/start`;
}

const json = ['Content-Type: application/json', 'Content-Length: 2'];
const chunked = ['Transfer-Encoding: chunked'];
const kinds: Readonly<Record<string, () => Asked | Promise<Asked>>> = {
  'an upgraded attach': () => ({
    head: `POST /containers/quiet/attach?${STREAMS}`,
    headers: UPGRADE,
  }),
  'an attach without upgrade': () => ({ head: `POST /containers/quiet/attach?${STREAMS}` }),
  'an attach with input in chunks': () => ({
    head: `POST /containers/quiet/attach?${STREAMS}`,
    headers: chunked,
    body: '3\r\nabc\r\n',
  }),
  'an attach by websocket': () => ({
    head: `GET /containers/quiet/attach/ws?${STREAMS}`,
    headers: WEBSOCKET,
  }),
  'an exec': async () => ({ head: await exec(), headers: [...UPGRADE, ...json], body: '{}' }),
  'an exec without upgrade': async () => ({ head: await exec(), headers: json, body: '{}' }),
  'logs that are followed': () => ({ head: 'GET /containers/quiet/logs?follow=1&stdout=1' }),
  events: () => ({ head: 'GET /events' }),
  'events of the native API': () => ({ head: 'GET /shiplog/v1/events?follow=1' }),
  stats: () => ({ head: 'GET /containers/quiet/stats' }),
  'a wait': () => ({ head: 'POST /containers/quiet/wait?condition=next-exit' }),
  'files under way to a container': () => ({
    head: 'PUT /containers/quiet/archive?path=/',
    headers: chunked,
    body: '3\r\nabc\r\n',
  }),
  'an image under way': () => ({
    head: 'POST /images/load',
    headers: chunked,
    body: '3\r\nabc\r\n',
  }),
};

/** A client that has sent what it has to say. */
async function asking({ head, headers = [], body = '' }: Asked): Promise<Socket> {
  const socket = connect({ path: daemon.socket, allowHalfOpen: true });
  socket.on('error', () => socket.destroy());
  const lines = [`${head} HTTP/1.1`, 'Host: shiplog', ...headers];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
  return socket;
}

const answered = (socket: Socket): Promise<boolean> =>
  within(10_000, () => socket.bytesRead > 0 || socket.destroyed);
const CLIENTS = 3;

before(async () => {
  success(await daemon.docker('run', '-di', '--name', 'quiet', 'busybox', 'sleep', '1000'));
  // One thread that copies is kept from then on.
  success(await daemon.docker('cp', 'quiet:/bin', '-'));
});

for (const [kind, asked] of Object.entries(kinds)) {
  test(`${kind}: nothing stays open of clients that are gone after their end`, async () => {
    const idle = open();
    const sockets = await Promise.all(
      Array.from({ length: CLIENTS }, async () => await asking(await asked())),
    );
    if (!kind.includes('under way')) await Promise.all(sockets.map(answered));
    const attached = files(stdioPid());
    for (const socket of sockets) socket.end();
    // Its end is seen before it is gone, or this would be one thing to the daemon.
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const socket of sockets) socket.destroy();
    // An exec runs on, and what it writes to stays open.
    const most = [idle[0].length, Math.max(idle[1].length, attached.length), idle[2].length];
    const back = () => open().every((list, index) => list.length <= (most[index] ?? 0));
    if (await within(15_000, back)) return;
    const before = [...idle.flat(), ...attached];
    const stayed = open().flat();
    assert.deepEqual(
      stayed.filter((one) => !before.includes(one)),
      [],
    );
    assert.fail(`${stayed.length} open, ${most} expected`);
  });
}

test('clients that do not wait for a refusal are no trouble', async () => {
  const pid = daemon.pid();
  const heads = ['POST /containers/none/attach?stream=1', 'CONNECT x:80', 'POST /exec/none/start'];
  for (let times = 0; times < 20; times += 1) {
    for (const head of heads) {
      const socket = await asking({ head, headers: UPGRADE });
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.destroy();
    }
  }
  assert.equal((await daemon.request('GET', '/_ping')).body, 'OK');
  assert.equal(daemon.pid(), pid);
});
