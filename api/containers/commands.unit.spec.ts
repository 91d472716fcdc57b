/** Commands on containers: what is submitted, and what each refusal looks like. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Refusal } from '../../machines/container.commands.ts';
import { type Served, serve } from '../testing/client.ts';
import { details, ID, OTHER_ID, running, type World, world } from '../testing/fakes.ts';

let served: Served;
let here: World;

before(async () => {
  here = world();
  served = await serve(here);
});
after(() => served.close());
beforeEach(() => {
  here.containers.clear();
  here.outcomes.length = 0;
  here.submitted.length = 0;
  here.ready = true;
});

const refused: readonly (readonly [string, string, Refusal, number, string])[] = [
  [
    'POST',
    'start',
    { kind: 'paused', id: ID, command: 'start' },
    409,
    'cannot start a paused container, try unpause instead',
  ],
  [
    'POST',
    'start',
    { kind: 'start-failed', message: 'executable file not found', exitCode: 127 },
    400,
    'executable file not found',
  ],
  ['POST', 'start', { kind: 'start-failed', message: 'odd', exitCode: 128 }, 500, 'odd'],
  [
    'POST',
    'start',
    { kind: 'marked-for-removal', id: ID, command: 'start' },
    409,
    'container is marked for removal and cannot be started',
  ],
  ['POST', 'start', { kind: 'runtime-away', sinceNs: '1' }, 503, 'containerd is away'],
  [
    'POST',
    'stop',
    { kind: 'stop-failed', id: ID, message: 'no end' },
    500,
    'cannot stop container: web: no end',
  ],
  [
    'POST',
    'restart',
    { kind: 'start-failed', message: 'not found', exitCode: 127 },
    500,
    'Cannot restart container web: not found',
  ],
  [
    'POST',
    'kill',
    { kind: 'not-running', id: ID },
    409,
    `cannot kill container: web: container ${ID} is not running`,
  ],
  ['POST', 'pause', { kind: 'not-running', id: ID }, 409, `container ${ID} is not running`],
  ['POST', 'pause', { kind: 'already-paused', id: ID }, 409, `container ${ID} is already paused`],
  ['POST', 'unpause', { kind: 'not-paused', id: ID }, 500, `Container ${ID} is not paused`],
  [
    'POST',
    'rename?name=b-b',
    { kind: 'name-in-use', name: 'b-b', holder: OTHER_ID },
    409,
    'Error when allocating new name: Conflict. The container name',
  ],
  [
    'POST',
    'rename?name=web',
    { kind: 'same-name', id: ID },
    400,
    'Renaming a container with the same name as its current name',
  ],
  [
    'DELETE',
    '',
    { kind: 'running-needs-force', id: ID },
    409,
    'cannot remove container \\"web\\": container is running: stop the container before removing',
  ],
  [
    'DELETE',
    '',
    { kind: 'removal-in-progress', id: ID },
    409,
    'removal of container web is already in progress',
  ],
];

for (const [method, action, refusal, status, text] of refused)
  test(`${method} ${action} refused as ${refusal.kind} → ${status} ${text}`, async () => {
    here.containers.set(ID, running());
    here.outcomes.push({ kind: 'refused', refusal });
    const path = action === '' ? '/containers/web' : `/containers/web/${action}`;
    const answer = await served.ask(method, path);
    assert.equal(answer.status, status);
    assert.ok(answer.body.includes(text), answer.body);
    assert.equal(served.lines.at(-1)?.outcome, refusal.kind);
  });

for (const [name, status, text] of [
  ['web', 500, 'Conflict, cannot remove the default link name of the container'],
  ['web/site', 501, 'shiplog does not support removing one link of a container yet'],
  ['no/site', 404, 'No such container: no/site'],
  ['no', 404, 'No such container: no'],
] as const)
  test(`DELETE ${name} as a link → ${status} ${text}`, async () => {
    here.containers.set(ID, running());
    const answer = await served.ask('DELETE', `/containers/${name}?link=1`);
    assert.deepEqual([answer.status, JSON.parse(answer.body)], [status, { message: text }]);
    assert.equal(here.submitted.length, 0);
  });

test('nothing to do is 304 for start and stop, without a body', async () => {
  here.containers.set(ID, running());
  here.outcomes.push({ kind: 'nothing' }, { kind: 'nothing' });
  for (const action of ['start', 'stop']) {
    const answer = await served.ask('POST', `/containers/web/${action}`);
    assert.deepEqual([answer.status, answer.body], [304, '']);
  }
});

test('a done command is 204, with the standard headers and one line of log', async () => {
  here.containers.set(ID, running());
  const before = served.lines.length;
  const answer = await served.ask(
    'POST',
    `/v1.50/containers/${ID.slice(0, 6)}/kill?signal=sigusr1`,
  );
  assert.equal(answer.status, 204);
  assert.equal(answer.headers['api-version'], '1.55');
  assert.equal(answer.headers['server'], 'Docker/29.0.0 (linux)');
  assert.equal(answer.headers['ostype'], 'linux');
  assert.deepEqual(here.submitted, [{ type: 'kill', id: ID, signal: 10 }]);
  assert.equal(served.lines.length, before + 1);
  assert.equal(served.lines.at(-1)?.uid, 0);
});

test('stop takes what the request says, then the container, then TERM and 10 s', async () => {
  const config = { ...details().config, StopSignal: 'SIGQUIT', StopTimeout: 7 };
  here.containers.set(ID, running({ config }));
  await served.ask('POST', '/containers/web/stop');
  await served.ask('POST', '/containers/web/stop?t=-1&signal=INT');
  await served.ask('POST', '/v1.41/containers/web/stop?t=0&signal=INT');
  here.containers.set(ID, running());
  await served.ask('POST', '/containers/web/stop');
  assert.deepEqual(here.submitted, [
    { type: 'stop', id: ID, signal: 3, timeoutMs: 7000 },
    { type: 'stop', id: ID, signal: 2, timeoutMs: null },
    { type: 'stop', id: ID, signal: 3, timeoutMs: 0 },
    { type: 'stop', id: ID, signal: 15, timeoutMs: 10_000 },
  ]);
});

test('a bad signal or time is told in the words of its command', async () => {
  here.containers.set(ID, running());
  const rows = [
    ['kill?signal=BOGUS', 400, 'cannot kill container: web: invalid signal: BOGUS'],
    ['kill?signal=0', 400, 'cannot kill container: web: invalid signal: 0'],
    ['kill?signal=99', 400, 'the linux daemon does not support signal 99'],
    ['stop?signal=BOGUS', 500, 'cannot stop container: web: invalid signal: BOGUS'],
    ['stop?t=soon', 400, 'invalid timeout'],
    ['resize?h=x&w=1', 400, 'invalid resize height'],
  ] as const;
  for (const [action, status, text] of rows) {
    const answer = await served.ask('POST', `/containers/web/${action}`);
    assert.equal(answer.status, status);
    assert.ok(answer.body.includes(text), answer.body);
  }
});

test('start refuses a body, but for a few bytes', async () => {
  here.containers.set(ID, details());
  assert.equal((await served.ask('POST', '/containers/web/start', {})).status, 204);
  const refused = await served.ask('POST', '/containers/web/start', { Binds: [] });
  assert.equal(refused.status, 400);
  assert.match(refused.body, /starting container with non-empty request body was deprecated/);
  const chunked = { 'Transfer-Encoding': 'chunked' };
  assert.equal((await served.ask('POST', '/containers/web/start', '{}', chunked)).status, 400);
});

test('kill alone says what it was about to do with a container that is not there', async () => {
  const told = async (action: string) =>
    JSON.parse((await served.ask('POST', `/containers/nobody/${action}`)).body).message;
  assert.equal(await told('kill'), 'cannot kill container: nobody: No such container: nobody');
  assert.equal(await told('stop'), 'No such container: nobody');
});

test('rename looks at the new name first, and words a bad one its own way', async () => {
  assert.equal((await served.ask('POST', '/containers/nobody/rename?name=')).status, 400);
  here.containers.set(ID, running());
  const bad = await served.ask('POST', '/containers/web/rename?name=_x');
  assert.equal(bad.status, 400);
  assert.match(bad.body, /Error when allocating new name: Invalid container name \(\/_x\), only/);
});
