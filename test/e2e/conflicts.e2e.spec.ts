/** A command in a state that refuses it: Docker's status and Docker's text, over plain HTTP. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const sleeper = ['busybox', 'sleep', '600'];
await daemon.docker('create', '--name', 'created', ...sleeper);
await daemon.docker('run', '-d', '--name', 'running', ...sleeper);
await daemon.docker('run', '-d', '--name', 'paused', ...sleeper);
await daemon.docker('pause', 'paused');
await daemon.docker('run', '--name', 'exited', 'busybox', 'true');

const idOf = async (name: string) => success(await daemon.docker('inspect', '-f', '{{.Id}}', name));

type Row = readonly [state: string, request: string, status: number, text?: string];

/** NAME and ID stand for the container's. */
const rows: readonly Row[] = [
  ['created', 'POST stop', 304],
  ['created', 'POST kill', 409, 'cannot kill container: NAME: container ID is not running'],
  ['created', 'POST pause', 409, 'container ID is not running'],
  ['created', 'POST unpause', 500, 'Container ID is not paused'],
  ['created', 'POST resize?h=1&w=1', 409, 'container ID is not running'],
  ['running', 'POST start', 304],
  ['running', 'POST unpause', 500, 'Container ID is not paused'],
  [
    'running',
    'DELETE ',
    409,
    'cannot remove container "NAME": container is running: ' +
      'stop the container before removing or force remove',
  ],
  ['running', 'POST kill?signal=BOGUS', 400, 'cannot kill container: NAME: invalid signal: BOGUS'],
  ['running', 'POST kill?signal=0', 400, 'cannot kill container: NAME: invalid signal: 0'],
  ['running', 'POST stop?signal=BOGUS', 500, 'cannot stop container: NAME: invalid signal: BOGUS'],
  ['running', 'POST wait?condition=never', 400, 'invalid condition: "never"'],
  ['paused', 'POST start', 409, 'cannot start a paused container, try unpause instead'],
  ['paused', 'POST pause', 409, 'container ID is already paused'],
  [
    'paused',
    'DELETE ',
    409,
    'cannot remove container "NAME": container is paused and must be unpaused first',
  ],
  ['exited', 'POST stop', 304],
  ['exited', 'POST kill', 409, 'cannot kill container: NAME: container ID is not running'],
  ['exited', 'POST pause', 409, 'container ID is not running'],
  ['exited', 'POST unpause', 500, 'Container ID is not paused'],
  [
    'exited',
    'POST rename?name=exited',
    400,
    'Renaming a container with the same name as its current name',
  ],
  ['exited', 'POST rename?name=', 400, 'Neither old nor new names may be empty'],
];

for (const [name, request, status, text] of rows) {
  test(`${name}: ${request.trim()} is ${status}`, async () => {
    const [method = '', action = ''] = request.split(' ');
    const path = `/v1.50/containers/${name}${action === '' ? '' : `/${action}`}`;
    const answer = await daemon.request(method, path);
    assert.equal(answer.status, status, answer.body);
    if (text === undefined) return assert.equal(answer.body, '');
    const expected = text.replaceAll('NAME', name).replaceAll('ID', await idOf(name));
    assert.deepEqual(JSON.parse(answer.body), { message: expected });
  });
}

test('none of the refusals changed a state', async () => {
  const format = '{{.Names}} {{.State}}';
  const listed = success(await daemon.docker('ps', '-a', '--format', format)).split('\n');
  const states = ['created created', 'exited exited', 'paused paused', 'running running'];
  assert.deepEqual(listed.toSorted(), states);
});

for (const request of [
  ...['POST start', 'POST stop', 'POST kill', 'POST restart', 'POST pause', 'POST unpause'],
  ...['POST wait', 'POST rename?name=x1', 'GET json', 'GET logs?stdout=1', 'DELETE '],
]) {
  test(`an unknown container: ${request.trim()} is 404`, async () => {
    const [method = '', action = ''] = request.split(' ');
    const path = `/containers/nosuch${action === '' ? '' : `/${action}`}`;
    const answer = await daemon.request(method, path);
    const prefix = action === 'kill' ? 'cannot kill container: nosuch: ' : '';
    const text = JSON.stringify({ message: `${prefix}No such container: nosuch` });
    assert.deepEqual([answer.status, answer.body.trim()], [404, text]);
  });
}

test('a name that is taken is refused with the id of its holder', async () => {
  const answer = await daemon.request('POST', '/containers/create?name=running', {
    Image: 'busybox',
  });
  assert.equal(answer.status, 409);
  const message =
    'Conflict. The container name "/running" is already in use by container ' +
    `"${await idOf('running')}". You have to remove (or rename) that container ` +
    'to be able to reuse that name.';
  assert.deepEqual(JSON.parse(answer.body), { message });
  const renamed = await daemon.request('POST', '/containers/exited/rename?name=running');
  assert.equal(renamed.status, 409);
  const { message: text } = JSON.parse(renamed.body);
  assert.equal(text, `Error when allocating new name: ${message}`);
});

test('an image that is not there is 404', async () => {
  const answer = await daemon.request('POST', '/containers/create', { Image: 'nosuch' });
  assert.equal(answer.status, 404);
  assert.deepEqual(JSON.parse(answer.body), { message: 'No such image: nosuch:latest' });
});

test('a unique prefix finds its container, an ambiguous one is 400, a name wins', async () => {
  const id = await idOf('running');
  const found = await daemon.request('GET', `/containers/${id.slice(0, 12)}/json`);
  assert.equal(JSON.parse(found.body).Id, id);
  const ids = await createUntilTwoShareAPrefix();
  const shared = commonDigit(ids);
  const several = await daemon.request('GET', `/containers/${shared}/json`);
  assert.equal(several.status, 400);
  const message = `multiple IDs found with provided prefix: ${shared}`;
  assert.deepEqual(JSON.parse(several.body), { message });
  const [first = ''] = ids;
  const named = first.slice(0, 12);
  const other = { Image: 'busybox', Cmd: ['true'] };
  const made = await daemon.request('POST', `/containers/create?name=${named}`, other);
  const seen = await daemon.request('GET', `/containers/${named}/json`);
  assert.equal(JSON.parse(seen.body).Id, JSON.parse(made.body).Id);
  // By its id: two that answer to one reference can not be removed by a list of short ids.
  success(await daemon.docker('rm', JSON.parse(made.body).Id));
});

/** Seventeen ids can not begin with sixteen different digits. */
async function createUntilTwoShareAPrefix(): Promise<readonly string[]> {
  const ids: string[] = [];
  while (ids.length < 17) {
    const made = await daemon.request('POST', '/containers/create', { Image: 'busybox' });
    ids.push(JSON.parse(made.body).Id);
  }
  return ids;
}

function commonDigit(ids: readonly string[]): string {
  const digits = ids.map((id) => id.slice(0, 1));
  return digits.find((digit, at) => digits.indexOf(digit) !== at) ?? '';
}
