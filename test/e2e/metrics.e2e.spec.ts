/** The numbers of a daemon at work, on its socket and on an address of their own. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const port = await freePort();
const daemon = await startLoadedDaemon({ flags: ['--metrics-addr', `127.0.0.1:${port}`] });
after(() => finish(daemon));

async function ask(path: string): Promise<{ readonly status: number; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  request({ host: '127.0.0.1', port, path }, (answer) => {
    text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
  })
    .on('error', reject)
    .end();
  return await promise;
}

test('a run of a container shows in commands, effects, commits and containers', async () => {
  success(await daemon.docker('run', '--name', 'one', 'busybox', 'true'));
  const { status, body } = await daemon.request('GET', '/metrics');
  assert.equal(status, 200);
  assert.match(body, /^shiplog_command_seconds_count\{command="start",outcome="done"\} 1$/m);
  assert.match(body, /^shiplog_effect_seconds_count\{effect="task.create",outcome="ok"\} 1$/m);
  assert.match(body, /^shiplog_containers\{state="exited"\} 1$/m);
  assert.match(body, /^shiplog_containerd_connected 1$/m);
  assert.match(body, /^shiplog_wal_bytes [1-9]/m);
  const [, facts] = /^shiplog_facts_total (\d+)$/m.exec(body) ?? [];
  assert.ok(Number(facts) > 5, body);
});

test('the address of --metrics-addr serves the same, and nothing else', async () => {
  assert.match((await ask('/metrics')).body, /^shiplog_ready 1$/m);
  assert.deepEqual(await ask('/healthz'), { status: 200, body: 'ok' });
  assert.equal((await ask('/readyz')).status, 200);
  for (const path of ['/containers/json', '/v1.50/info', '/_ping'])
    assert.equal((await ask(path)).status, 404, path);
});

test('a subscriber of the events is counted while it is there', async () => {
  const counted = async () => {
    const { body } = await daemon.request('GET', '/metrics');
    return /^shiplog_subscribers (\d+)$/m.exec(body)?.[1];
  };
  const follower = request({ socketPath: daemon.socket, path: '/events' });
  const begun = new Promise((resolve) => follower.once('response', resolve));
  follower.on('error', () => undefined).end();
  await begun;
  assert.equal(await counted(), '1');
  follower.destroy();
  for (let tries = 0; (await counted()) !== '0'; tries += 1) {
    assert.ok(tries < 100, 'it is counted after it has left');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
