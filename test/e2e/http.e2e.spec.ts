/** The socket as clients other than the CLI meet it: versions, unknown paths, hijacked streams. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { run } from '../support/temporaryDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

test('readyz is 200 once the daemon takes commands', async () => {
  assert.equal((await daemon.request('GET', '/readyz')).status, 200);
});

for (const prefix of ['', '/v1.24', '/v1.41', '/v1.44', '/v1.55']) {
  test(`paths below "${prefix}/" are served`, async () => {
    assert.deepEqual(await daemon.request('GET', `${prefix}/_ping`), { status: 200, body: 'OK' });
    for (const path of ['version', 'info', 'containers/json?all=1', 'images/json']) {
      const { status, body } = await daemon.request('GET', `${prefix}/${path}`);
      assert.equal(status, 200, body);
      assert.ok(JSON.parse(body));
    }
  });
}

test('a version out of range is refused with the range', async () => {
  const newer = await daemon.request('GET', '/v1.56/info');
  assert.deepEqual(
    [newer.status, JSON.parse(newer.body).message],
    [400, 'client version 1.56 is too new. Maximum supported API version is 1.55'],
  );
  const older = await daemon.request('GET', '/v1.23/info');
  assert.equal(older.status, 400);
  assert.match(
    older.body,
    /client version 1\.23 is too old\. Minimum supported API version is 1\.24, please upgrade/,
  );
});

for (const [method, path] of [
  ['GET', '/nosuch'],
  ['GET', '/v1.50/nosuch'],
  ['GET', '/containers/create'],
  ['PUT', '/info'],
  ['DELETE', '/_ping'],
] as const) {
  test(`${method} ${path} is an unknown page`, async () => {
    const { status, body } = await daemon.request(method, path);
    assert.deepEqual([status, JSON.parse(body)], [404, { message: 'page not found' }]);
  });
}

test("an older CLI's version is negotiated and works", async () => {
  const env = { DOCKER_API_VERSION: '1.41' };
  const ran = await daemon.dockerWith({ env }, 'run', '--rm', 'busybox', 'echo', 'old');
  assert.equal(success(ran), 'old');
  const oldest = { DOCKER_API_VERSION: '1.24' };
  const told = await daemon.dockerWith({ env: oldest }, 'ps', '-a');
  assert.equal(told.code, 0, told.stderr);
});

test('bad bodies are 400 with a reason', async () => {
  const curl = (type: string, data: string) =>
    run('curl', [
      ...['-sS', '-m', '10', '--unix-socket', daemon.socket, '-H', `Content-Type: ${type}`],
      ...['-d', data, '-w', '%{http_code}', 'http://localhost/containers/create'],
    ]);
  assert.match((await curl('application/json', '{"Image":')).stdout, /invalid JSON.*400$/s);
  assert.match((await curl('text/plain', '{}')).stdout, /unsupported Content-Type.*400$/s);
  assert.match((await curl('application/json', '{}{}')).stdout, /unexpected content.*400$/s);
});

async function create(body: object): Promise<string> {
  const made = await daemon.request('POST', '/containers/create', { Image: 'busybox', ...body });
  assert.equal(made.status, 201, made.body);
  return JSON.parse(made.body).Id;
}

/** Sends the head of an attach request; the socket stays open in both directions. */
function attach(id: string, headers: readonly string[]): Socket {
  const socket = connect({ path: daemon.socket, allowHalfOpen: true });
  const path = `/v1.50/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`;
  const lines = [`POST ${path} HTTP/1.1`, 'Host: shiplog', 'Content-Length: 0', ...headers];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  socket.setTimeout(15_000, () => socket.destroy(new Error('nothing happened for 15 s')));
  socket.once('end', () => socket.setTimeout(0));
  return socket;
}

const frame = (stream: number, text: string) => {
  const head = Buffer.alloc(8);
  head.writeUInt8(stream, 0);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
};

const UPGRADED =
  'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n' +
  'Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n';

test("a hijacked attach goes on sending after the client's half close", async () => {
  const Cmd = ['sh', '-c', 'cat; sleep 0.3; echo late >&2'];
  const id = await create({ Cmd, OpenStdin: true, StdinOnce: true, AttachStdin: true });
  const socket = attach(id, ['Connection: Upgrade', 'Upgrade: tcp']);
  const received = buffer(socket);
  await daemon.request('POST', `/containers/${id}/start`);
  socket.end('typed\n');
  const answer = await received;
  const expected = Buffer.concat([Buffer.from(UPGRADED), frame(1, 'typed\n'), frame(2, 'late\n')]);
  assert.equal(answer.toString('latin1'), expected.toString('latin1'));
});

test('a half close before the start, as the CLI does it, loses nothing', async () => {
  const id = await create({ Cmd: ['echo', 'all'] });
  const socket = attach(id, ['Connection: Upgrade', 'Upgrade: tcp']);
  socket.end();
  const received = buffer(socket);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await daemon.request('POST', `/containers/${id}/start`);
  assert.ok((await received).includes(frame(1, 'all\n')));
});

test('input in the same packet as the head is kept', async () => {
  const id = await create({ Cmd: ['cat'], OpenStdin: true, StdinOnce: true });
  const socket = connect({ path: daemon.socket, allowHalfOpen: true });
  const path = `/containers/${id}/attach?stream=1&stdin=1&stdout=1`;
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;
  socket.setTimeout(15_000, () => socket.destroy(new Error('nothing happened for 15 s')));
  socket.end(`${head}early\n`);
  const received = buffer(socket);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await daemon.request('POST', `/containers/${id}/start`);
  assert.ok((await received).includes(frame(1, 'early\n')));
});

test('without an upgrade the answer is a raw stream until the end', async () => {
  const id = await create({ Cmd: ['echo', 'plain'] });
  const socket = attach(id, []);
  const received = buffer(socket);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await daemon.request('POST', `/containers/${id}/start`);
  const answer = (await received).toString('latin1');
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/vnd\.docker\.raw-stream/);
  assert.ok(answer.endsWith(frame(1, 'plain\n').toString('latin1')));
});

test('wait sends its head at once and its answer at the exit', async () => {
  const id = await create({ Cmd: ['sh', '-c', 'sleep 0.5; exit 4'] });
  const curl = ['-sS', '-i', '-N', '-m', '10', '--unix-socket', daemon.socket, '-X', 'POST'];
  const waiting = run('curl', [...curl, `http://x/containers/${id}/wait?condition=next-exit`]);
  await new Promise((resolve) => setTimeout(resolve, 150));
  await daemon.request('POST', `/containers/${id}/start`);
  const { stdout } = await waiting;
  assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(stdout, /^transfer-encoding: chunked\r$/im);
  assert.match(stdout, /\{"StatusCode":4\}\s*$/);
});

const started = async (id: string): Promise<void> => {
  const { status, body } = await daemon.request('POST', `/containers/${id}/start`);
  assert.equal(status, 204, body);
};
const running = async (id: string): Promise<boolean> =>
  JSON.parse((await daemon.request('GET', `/containers/${id}/json`)).body).State.Running;

/** Resolves to all that has come when it holds the text. */
async function until(socket: Socket, text: string): Promise<string> {
  let all = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    all += chunk.toString('latin1');
    if (all.includes(text)) return all;
  }
  throw new Error(`ended without ${text}: ${all}`);
}

test('stdin once: the end of the first client is the end of input for good', async () => {
  const id = await create({ Cmd: ['cat'], OpenStdin: true, StdinOnce: true });
  const first = attach(id, ['Connection: Upgrade', 'Upgrade: tcp']);
  const second = attach(id, ['Connection: Upgrade', 'Upgrade: tcp']);
  await Promise.all([until(first, 'Upgrade: tcp'), until(second, 'Upgrade: tcp')]);
  await started(id);
  first.end('one\n');
  const [one, two] = await Promise.all([buffer(first), buffer(second)]);
  assert.deepEqual([one, two], [frame(1, 'one\n'), frame(1, 'one\n')]);
  assert.ok(await within(10_000, async () => !(await running(id))));
});

test('stdin not once: clients come and go, and what they type is read', async () => {
  const id = await create({ Cmd: ['cat'], OpenStdin: true });
  await started(id);
  for (const word of ['one\n', 'two\n']) {
    const client = attach(id, ['Connection: Upgrade', 'Upgrade: tcp']);
    await until(client, 'Upgrade: tcp');
    client.write(word);
    await until(client, word);
    client.end();
    client.destroy();
  }
  assert.equal(await running(id), true);
  await daemon.request('DELETE', `/containers/${id}?force=1`);
});

test('attach with what was written before, and then what comes, each once', async () => {
  const Cmd = ['sh', '-c', 'echo before; read line; echo "after $line"'];
  const id = await create({ Cmd, OpenStdin: true, StdinOnce: true });
  await started(id);
  const logged = async () =>
    (await daemon.request('GET', `/containers/${id}/logs?stdout=1`)).body.includes('before');
  assert.ok(await within(10_000, logged));
  const socket = connect({ path: daemon.socket, allowHalfOpen: true });
  const path = `/containers/${id}/attach?logs=1&stream=1&stdin=1&stdout=1`;
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`);
  const seen = await until(socket, 'before\n');
  socket.end('typed\n');
  const rest = seen + (await buffer(socket)).toString('latin1');
  assert.equal(rest.split('before\n').length, 2, rest);
  assert.equal(rest.split('after typed\n').length, 2, rest);
});

/** The head, and the body when there is one; the connection ends within the time of `curl`. */
async function waited(id: string, condition: string, act: () => Promise<unknown>) {
  const socket = connect({ path: daemon.socket });
  socket.setTimeout(15_000, () => socket.destroy(new Error('nothing happened for 15 s')));
  const path = `/containers/${id}/wait?condition=${condition}`;
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const head = await until(socket, '\r\n\r\n');
  await act();
  const all = head + (await buffer(socket)).toString('latin1');
  return {
    head: head.split('\r\n')[0],
    early: head.includes('StatusCode'),
    code: Number(/"StatusCode":(\d+)/.exec(all)?.[1] ?? -1),
  };
}

for (const [condition, state, how, code] of [
  ['not-running', 'running', 'kill', 137],
  ['next-exit', 'running', 'kill', 137],
  ['next-exit', 'exited', 'start', 7],
  ['next-exit', 'created', 'start', 7],
  ['removed', 'running', 'remove', 137],
  ['removed', 'exited', 'remove', 7],
  ['removed', 'created', 'remove', 0],
] as const) {
  test(`wait for ${condition} of one that is ${state}: at its ${how}`, async () => {
    const Cmd = state === 'running' ? ['sleep', '1000'] : ['sh', '-c', 'exit 7'];
    const id = await create({ Cmd });
    if (state !== 'created') await started(id);
    if (state === 'exited') await within(10_000, async () => !(await running(id)));
    const {
      head,
      early,
      code: told,
    } = await waited(id, condition, async () => {
      if (how === 'remove') await daemon.request('DELETE', `/containers/${id}?force=1`);
      else await daemon.request('POST', `/containers/${id}/${how}`);
    });
    assert.deepEqual([head, early, told], ['HTTP/1.1 200 OK', false, code]);
    if (how === 'remove')
      assert.equal((await daemon.request('POST', `/containers/${id}/wait`)).status, 404);
  });
}
