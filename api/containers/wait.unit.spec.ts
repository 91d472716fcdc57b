/** Wait: the head at once, the answer from the log. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Served, serve, text } from '../testing/client.ts';
import { details, exited, ID, OTHER_ID, running, type World, world } from '../testing/fakes.ts';

let served: Served;
let here: World;
const STREAM = `container/${ID}`;

before(async () => {
  here = world();
  served = await serve(here);
});
after(() => served.close());
beforeEach(() => {
  here.containers.clear();
});

test('the head comes before the exit, and the code with it', async () => {
  here.containers.set(ID, running());
  const response = await served.open('POST', '/containers/web/wait');
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers['transfer-encoding'], 'chunked');
  here.append(`container/${OTHER_ID}`, 'container.exited', { code: 9 });
  here.append(STREAM, 'container.exited', { code: 7 });
  assert.equal(await text(response), '{"StatusCode":7}\n');
});

test('an exit that nobody knows is answered with 255', async () => {
  here.containers.set(ID, running());
  const response = await served.open('POST', '/containers/web/wait?condition=next-exit');
  here.append(STREAM, 'container.exited', { code: null });
  assert.equal(await text(response), '{"StatusCode":255}\n');
});

const at_once = [
  ['created', details(), '{"StatusCode":0}\n'],
  ['exited', exited(), '{"StatusCode":3}\n'],
  [
    'failed',
    exited({ exitCode: 127, error: 'no such file' }),
    '{"StatusCode":127,"Error":{"Message":"no such file"}}\n',
  ],
] as const;
for (const [name, container, expected] of at_once)
  test(`not-running of a ${name} container is answered at once`, async () => {
    here.containers.set(ID, container);
    assert.equal((await served.ask('POST', '/containers/web/wait')).body, expected);
  });

test('next-exit of a stopped container waits for the next run', async () => {
  here.append(STREAM, 'container.exited', { code: 1 });
  here.containers.set(ID, exited());
  const response = await served.open('POST', '/containers/web/wait?condition=next-exit');
  here.append(STREAM, 'container.start-failed', { run: 2 });
  here.append(STREAM, 'container.exited', { code: 5 });
  assert.equal(await text(response), '{"StatusCode":5}\n');
});

test('next-exit is released with the last code when the container goes instead', async () => {
  for (const [container, code] of [
    [details(), 0],
    [exited(), 3],
  ] as const) {
    here.containers.set(ID, container);
    const response = await served.open('POST', '/containers/web/wait?condition=next-exit');
    here.containers.set(ID, { ...container, removed: true });
    here.append(STREAM, 'container.removed');
    assert.equal(await text(response), `{"StatusCode":${code}}\n`);
  }
});

for (const condition of ['removed', 'next-exit'])
  test(`${condition} of one that could not be started tells no error once it is gone`, async () => {
    const failed = { exitCode: 127, error: 'no such file' };
    here.containers.set(ID, exited(failed));
    const response = await served.open('POST', `/containers/web/wait?condition=${condition}`);
    here.containers.set(ID, exited({ ...failed, removed: true }));
    here.append(STREAM, 'container.removed');
    assert.equal(await text(response), '{"StatusCode":127}\n');
  });

test('removed tells why the container could not be removed', async () => {
  here.containers.set(ID, exited());
  const response = await served.open('POST', '/containers/web/wait?condition=removed');
  here.append(STREAM, 'container.remove-failed', { message: 'device busy' });
  assert.equal(await text(response), '{"StatusCode":3,"Error":{"Message":"device busy"}}\n');
});

test('removed waits for the removal and tells the last code', async () => {
  here.containers.set(ID, exited());
  const response = await served.open('POST', '/containers/web/wait?condition=removed');
  here.append(STREAM, 'container.remove-requested');
  here.containers.set(ID, exited({ removed: true }));
  here.append(STREAM, 'container.removed');
  assert.equal(await text(response), '{"StatusCode":3}\n');
});

test('an unknown condition is refused', async () => {
  here.containers.set(ID, exited());
  const answer = await served.ask('POST', '/containers/web/wait?condition=soon');
  assert.deepEqual(
    [answer.status, answer.body],
    [400, '{"message":"invalid condition: \\"soon\\""}\n'],
  );
});
