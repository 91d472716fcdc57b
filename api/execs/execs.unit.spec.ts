/** Execs on a real unix socket: the body before the raw bytes, the frames, the errors. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import type { ExecView } from '../../projections/views.ts';
import { frame } from '../stdcopy.ts';
import { type Served, serve, sleep } from '../testing/client.ts';
import { ID, running, type World, world } from '../testing/fakes.ts';

const EXEC = 'e'.repeat(64);
const view: ExecView = {
  id: EXEC,
  container: ID,
  config: {
    Cmd: ['cat', '-n', 'x'],
    User: '',
    WorkingDir: '',
    Privileged: false,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    DetachKeys: '',
  },
  running: false,
  pid: 0,
  over: false,
  exitCode: null,
};

let served: Served;
let here: World;
before(async () => {
  here = world();
  served = await serve(here);
});
after(() => served.close());
beforeEach(() => {
  here.containers.set(ID, running());
  here.execs.clear();
  here.execs.set(EXEC, view);
  here.attachments.length = 0;
  here.submitted.length = 0;
  here.told.length = 0;
  here.resized.length = 0;
  here.outcomes.length = 0;
});

const start = (body: string, more = ''): string =>
  `POST /exec/${EXEC}/start HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
  `${more}Content-Length: ${body.length}\r\n\r\n`;
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: tcp\r\n';
const BODY = '{"Detach":false,"Tty":false}';

/** All that the server sends until it ends its direction. */
async function whole(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

async function attachment() {
  for (let tries = 0; tries < 200; tries += 1) {
    const [found] = here.attachments;
    if (found !== undefined) return found;
    await sleep(5);
  }
  throw new Error('it did not come');
}

for (const [how, more] of [
  ['with an upgrade', UPGRADE],
  ['without one', ''],
] as const) {
  test(`${how}, the body is read, what follows is stdin, and the exit ends it`, async () => {
    const socket = served.raw();
    // Cut in the middle of the body, and stdin right behind it.
    socket.write(start(BODY, more) + BODY.slice(0, 5));
    await sleep(20);
    socket.write(BODY.slice(5));
    const all = whole(socket);
    const live = await attachment();
    socket.end('typed');
    live.push(frame('stdout', Buffer.from('said')));
    await sleep(50);
    assert.equal(Buffer.concat(live.stdin).toString(), 'typed');
    live.push(null);
    await sleep(30);
    assert.equal(socket.readableEnded, false, 'the exit is not on record yet');
    here.append(`exec/${ID}/${EXEC}`, 'exec.exited');
    const got = await all;
    assert.match(
      got.toString('latin1'),
      how === 'without one' ? /^HTTP\/1.1 200/ : /^HTTP\/1.1 101/,
    );
    assert.ok(got.includes(frame('stdout', Buffer.from('said'))));
    assert.deepEqual(here.submitted, [{ type: 'exec-start', id: ID, execId: EXEC, detach: false }]);
    socket.destroy();
  });
}

for (const output of [Buffer.alloc(0), frame('stdout', Buffer.from('said'))])
  test(`output of ${output.length} bytes that is over when the start is answered`, async () => {
    here.over.push(output);
    const socket = served.raw();
    socket.write(start(BODY, UPGRADE) + BODY);
    const all = whole(socket);
    const live = await attachment();
    await sleep(30);
    assert.equal(socket.readableEnded, false, 'the exit is not on record yet');
    here.append(`exec/${ID}/${EXEC}`, 'exec.exited');
    const [head, rest] = (await all).toString('latin1').split('\r\n\r\n');
    assert.match(head ?? '', /^HTTP\/1.1 101/);
    assert.equal(rest, output.toString('latin1'));
    assert.ok(live.destroyed);
    socket.destroy();
  });

test('what a client sends on to an exec that is over is taken, and no reset follows', async () => {
  here.over.push(Buffer.alloc(0));
  const socket = served.raw();
  const errors: unknown[] = [];
  socket.on('error', (error) => errors.push(error));
  socket.write(start(BODY) + BODY);
  const all = whole(socket);
  await attachment();
  for (let at = 0; at < 50; at += 1) socket.write('x'.repeat(10_000));
  await sleep(30);
  here.append(`exec/${ID}/${EXEC}`, 'exec.exited');
  assert.match((await all).toString('latin1'), /^HTTP\/1.1 200/);
  await sleep(30);
  assert.deepEqual([errors, socket.writableLength], [[], 0]);
  socket.destroy();
});

test('a program that can not be started is told in a frame of stdout', async () => {
  const refusal = { kind: 'exec-start-failed', message: 'not found', exitCode: 127 } as const;
  here.outcomes.push({ kind: 'refused', refusal });
  const socket = served.raw();
  socket.write(start(BODY, UPGRADE) + BODY);
  const got = await whole(socket);
  assert.ok(got.includes(frame('stdout', Buffer.from('not found\r\n'))));
  socket.destroy();
});

test('detached it is an ordinary request, and so are errors', async () => {
  const path = `/exec/${EXEC}/start`;
  const detached = await served.ask('POST', path, { Detach: true });
  assert.deepEqual([detached.status, detached.body], [200, '']);
  here.outcomes.push({ kind: 'refused', refusal: { kind: 'exec-ran', exec: EXEC } });
  const again = await served.ask('POST', path, { Detach: false });
  assert.equal(again.status, 409);
  assert.equal(JSON.parse(again.body).message, `exec command ${EXEC} has already run`);
  assert.equal(again.headers['api-version'], '1.55');
  const unknown = await served.ask('POST', '/exec/nope/start', { Detach: true });
  assert.equal(unknown.status, 404);
  assert.equal(JSON.parse(unknown.body).message, 'No such exec instance: nope');
  assert.equal((await served.ask('POST', path, '{')).status, 400);
});

test('create turns the body into a command; values of the environment are secrets', async () => {
  const body = { cmd: ['env'], Env: ['A=b=c', 'NOTHING'], User: '1', AttachStdout: true };
  const expected = here.expectedExecs;
  const made = await served.ask('POST', '/containers/web/exec', body);
  assert.equal(made.status, 201);
  const [command] = here.submitted;
  assert.equal(command?.type, 'exec-create');
  if (command?.type !== 'exec-create') return;
  assert.equal(JSON.parse(made.body).Id, command.execId);
  assert.equal(here.expectedExecs, expected + 1);
  assert.deepEqual(
    command.env.map(({ ref, value }) => [ref.name, value]),
    [['A', 'b=c']],
  );
  assert.deepEqual([command.config.Cmd, command.config.User], [['env'], '1']);
});

test('nothing is made ready for an exec that can not be made', async () => {
  const before = here.expectedExecs;
  const asked = (body: object) => served.ask('POST', '/containers/web/exec', body);
  assert.equal((await asked({ Cmd: [] })).status, 400);
  assert.equal((await asked({ Cmd: ['env'], DetachKeys: 'ctrl-P' })).status, 500);
  here.outcomes.push({ kind: 'refused', refusal: { kind: 'not-running', id: ID } });
  assert.equal((await asked({ Cmd: ['env'] })).status, 409);
  assert.equal(here.expectedExecs, before);
});

test('inspect has no exit code before the end, and 255 for one that nobody knows', async () => {
  const seen = async (change: Partial<ExecView>) => {
    here.execs.set(EXEC, { ...view, ...change });
    return JSON.parse((await served.ask('GET', `/exec/${EXEC}/json`)).body);
  };
  const first = await seen({ running: true, pid: 5 });
  assert.deepEqual([first.Running, first.ExitCode, first.Pid], [true, null, 5]);
  assert.equal(first.ProcessConfig.entrypoint, 'cat');
  assert.deepEqual(first.ProcessConfig.arguments, ['-n', 'x']);
  assert.equal((await seen({ over: true, exitCode: 0 })).ExitCode, 0);
  assert.equal((await seen({ over: true, exitCode: null })).ExitCode, 255);
  here.containers.set(ID, running({ removed: true }));
  assert.equal((await served.ask('GET', `/exec/${EXEC}/json`)).status, 404);
});

const terminal = { ...view, config: { ...view.config, Tty: true } };

test('of a terminal the bytes come without frames, and its keys leave it', async () => {
  here.execs.set(EXEC, terminal);
  const body = '{"Tty":true,"ConsoleSize":[30,90]}';
  const socket = served.raw();
  socket.write(start(body, UPGRADE) + body);
  const all = whole(socket);
  const live = await attachment();
  assert.deepEqual(live.options, { stdin: true, stdout: true, stderr: false });
  live.push(frame('stdout', Buffer.from('$ ')));
  await sleep(30);
  socket.write(Buffer.from([97, 16, 98, 16, 17, 99]));
  const got = (await all).toString('latin1');
  assert.match(got, /^HTTP\/1.1 101[^$]*raw-stream[^$]*\r\n\r\n\$ $/);
  assert.equal(Buffer.concat(live.stdin).toString('latin1'), 'a\x10b', 'c is for nobody');
  assert.deepEqual(here.told, [`exec_detach {"execID":"${EXEC}"}`]);
  assert.deepEqual(here.resized, [`${EXEC} 30x90`]);
  socket.destroy();
});

test('a terminal that can not be started is told without a frame', async () => {
  here.execs.set(EXEC, terminal);
  const refusal = { kind: 'exec-start-failed', message: 'not found', exitCode: 127 } as const;
  here.outcomes.push({ kind: 'refused', refusal });
  const socket = served.raw();
  socket.write(`${start('{"Tty":true}', UPGRADE)}{"Tty":true}`);
  assert.match((await whole(socket)).toString('latin1'), /\r\n\r\nnot found\r\n$/);
  socket.destroy();
});

test('a resize is for a running terminal, and waits for one that is being started', async () => {
  const resize = (size = 'h=4&w=5') => served.ask('POST', `/exec/${EXEC}/resize?${size}`);
  here.execs.set(EXEC, { ...terminal, over: true, exitCode: 0 });
  assert.equal((await resize()).status, 409);
  here.execs.set(EXEC, terminal);
  const waiting = resize();
  await sleep(30);
  here.execs.set(EXEC, { ...terminal, running: true });
  here.append(`exec/${ID}/${EXEC}`, 'exec.started');
  assert.equal((await waiting).status, 200);
  assert.deepEqual(here.resized, [`${EXEC} 4x5`]);
  here.execs.set(EXEC, { ...view, running: true });
  assert.equal((await resize()).status, 200);
  assert.equal(here.resized.length, 1, 'without a terminal there is nothing to size');
  assert.equal((await resize('h=x&w=5')).status, 400);
});

test('create keeps the size and the keys, and refuses keys that are none', async () => {
  const made = (more: object, version = '') =>
    served.ask('POST', `${version}/containers/web/exec`, { Cmd: ['sh'], Tty: true, ...more });
  const configs = () => here.submitted.map((one) => (one as { config?: object }).config);
  await made({ ConsoleSize: [7, 8], DetachKeys: 'ctrl-a' });
  await made({ ConsoleSize: [7, 8] }, '/v1.41');
  assert.deepEqual(
    configs().map((config) => Object(config).ConsoleSize),
    [[7, 8], undefined],
  );
  const refused = await made({ DetachKeys: 'ctrl-!' });
  assert.equal(refused.status, 500);
  assert.match(refused.body, /Invalid escape keys \(ctrl-!\) provided/);
  here.execs.set(EXEC, { ...terminal, config: { ...terminal.config, DetachKeys: 'ctrl-a,b' } });
  const seen = JSON.parse((await served.ask('GET', `/exec/${EXEC}/json`)).body);
  assert.equal(seen.DetachKeys, 'AWI=');
});

test('keys on record that are none any more are shown as they are', async () => {
  const DetachKeys = 'ctrl-A,ctrl-!';
  here.execs.set(EXEC, { ...terminal, config: { ...terminal.config, DetachKeys } });
  const { status, body } = await served.ask('GET', `/exec/${EXEC}/json`);
  assert.equal(status, 200, body);
  assert.equal(Buffer.from(JSON.parse(body).DetachKeys, 'base64').toString(), DetachKeys);
});
