/**
 * Who waited for a container gets its exit code, also when it is removed in the same moment or the
 * daemon is killed in between; and of a removed one the code can be asked for ever after.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { killedAt, openFailpoint } from '../support/failpoint.ts';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const failpoint = openFailpoint();
const daemon = await startLoadedDaemon({ env: failpoint.env });
after(async () => {
  await finish(daemon);
  failpoint.remove();
});
const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));

/** Ends with that code as soon as there is a file /gate. */
const gated = (code: number): string => `while [ ! -e /gate ]; do usleep 10000; done; exit ${code}`;

async function runGated(code: number, ...flags: string[]): Promise<{ id: string; pid: number }> {
  const id = await docker('run', '-d', ...flags, 'busybox', 'sh', '-c', gated(code));
  return { id, pid: Number(await docker('inspect', '-f', '{{.State.Pid}}', id)) };
}

const openGate = (pid: number): void => writeFileSync(`/proc/${pid}/root/gate`, '');

async function native(id: string) {
  const { status, body } = await daemon.request('GET', `/shiplog/v1/containers/${id}`);
  return { status, body: JSON.parse(body) };
}

async function isRemoved(id: string): Promise<boolean> {
  return (await native(id)).body.state === 'removed';
}

test('waiting across auto-removal, under each condition', async () => {
  for (const condition of ['', 'next-exit', 'removed']) {
    const { id, pid } = await runGated(7, '--rm');
    const waited = daemon.request('POST', `/containers/${id}/wait?condition=${condition}`);
    // The head is out, so it is registered.
    await within(200, () => false);
    openGate(pid);
    assert.equal(JSON.parse((await waited).body).StatusCode, 7, condition);
  }
});

test('many wait for the same end', async () => {
  const { id, pid } = await runGated(9, '--rm');
  const all = Array.from({ length: 20 }, () => daemon.request('POST', `/containers/${id}/wait`));
  await within(200, () => false);
  openGate(pid);
  const codes = (await Promise.all(all)).map(({ body }) => JSON.parse(body).StatusCode);
  assert.deepEqual(
    codes,
    Array.from({ length: 20 }, () => 9),
  );
});

test('the daemon dies, the container ends and is removed: its code is there', async () => {
  const { id, pid } = await runGated(5, '--rm', '--name', 'brief');
  const waited = daemon.request('POST', `/containers/${id}/wait`);
  const broken = assert.rejects(waited);
  await within(200, () => false);
  await daemon.kill9();
  await broken;
  openGate(pid);
  await daemon.restart();
  assert.ok(await within(10_000, () => isRemoved(id)));
  const missing = await daemon.docker('wait', id);
  assert.match(missing.stderr, /No such container/);
  for (const ref of [id, id.slice(0, 12)]) {
    const { body } = await native(ref);
    assert.deepEqual([body.id, body.state], [id, 'removed']);
    const [{ run, exit }] = body.runs;
    assert.deepEqual([run, exit.code, exit.evidence], [1, 5, 'task status STOPPED']);
    assert.equal(body.removal.reason, 'auto-remove');
    assert.notEqual(body.removal.removedAt, null);
  }
  assert.equal((await native('brief')).status, 404, 'the name is free, and nobody is called so');
});

/** Both of the answer: its head, and whether the body came to its end before the daemon did. */
function waitOf(id: string, condition: string) {
  const path = `/containers/${id}/wait?condition=${condition}`;
  const asked = httpRequest({ socketPath: daemon.socket, method: 'POST', path }).end();
  const head = once(asked, 'response').then(([reply]) => reply as IncomingMessage);
  const end = head.then(async (reply) => ({
    status: reply.statusCode,
    ...(await text(reply).then(
      (body) => ({ body }),
      ({ code }: NodeJS.ErrnoException) => ({ code }),
    )),
  }));
  return { head, end };
}

/** How many clients are connected, as the kernel has it. */
const clients = (): number =>
  readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .filter((line) => / 03 +\d+ /.test(line) && line.endsWith(` ${daemon.socket}`)).length;

test('a daemon that dies leaves a head and no code, as dockerd does; anew it comes', async () => {
  const conditions = ['not-running', 'next-exit', 'removed'];
  const { id, pid } = await runGated(8, '--rm');
  const waits = conditions.map((one) => waitOf(id, one));
  await Promise.all(waits.map(({ head }) => head));
  const before = clients();
  const cli = daemon.docker('wait', id);
  assert.ok(await within(10_000, () => clients() > before));
  await within(200, () => false);
  await daemon.kill9();
  const cut = { status: 200, code: 'ECONNRESET' };
  assert.deepEqual(await Promise.all(waits.map(({ end }) => end)), [cut, cut, cut]);
  assert.deepEqual(await cli, { code: 1, stdout: '', stderr: 'unexpected EOF\n' });
  await daemon.restart();
  const anew = conditions.map((one) =>
    daemon.request('POST', `/containers/${id}/wait?condition=${one}`),
  );
  await within(200, () => false);
  openGate(pid);
  const codes = (await Promise.all(anew)).map(({ body }) => JSON.parse(body).StatusCode);
  assert.deepEqual(codes, [8, 8, 8]);
});

/** Each boundary between the end of the process and that everybody knows that it is gone. */
const POINTS = ['task.await-exit', 'run.clean', 'container.erase'].flatMap((effect) =>
  ['before', 'after', 'appended'].map((boundary) => `${effect}:${boundary}:1`),
);

for (const point of POINTS) {
  test(`killed at ${point}, who asks again gets the code`, async () => {
    const run = ['run', '--rm', '--name', 'cut', 'busybox', 'sh', '-c', 'exit 6'];
    await killedAt(daemon, failpoint, point, () => daemon.docker(...run));
    const [id] = await idsOf('cut');
    assert.ok(id);
    assert.ok(await within(10_000, () => isRemoved(id)), daemon.output().slice(-2_000));
    const { body } = await native(id);
    assert.deepEqual(
      body.runs.map(({ exit }: { exit: { code: number } }) => exit.code),
      [6],
    );
  });
}

/** Of all that ever had the name, by Docker's events: newest first. */
async function idsOf(name: string): Promise<readonly string[]> {
  const filter = ['--filter', `container=${name}`, '--filter', 'event=create'];
  const until = String(Math.ceil(Date.now() / 1000));
  const told = await docker(
    'events',
    '--since',
    '1',
    '--until',
    until,
    '--format',
    '{{.ID}}',
    ...filter,
  );
  return told.split('\n').filter(Boolean).reverse();
}
