/**
 * The stream of events: from the log by position, by time, by filter, as slowly as the client
 * reads.
 */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { type Served, serve, sleep, text } from '../testing/client.ts';
import { ID, NOW, type World, world } from '../testing/fakes.ts';

let served: Served;
let here: World;
const STREAM = `container/${ID}`;
const SECONDS = NOW / 1_000_000_000n;

beforeEach(async () => {
  here = world();
  served = await serve(here);
});
afterEach(() => served.close());

const actions = (body: string): string[] =>
  body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).Action);

async function next(response: IncomingMessage, count: number): Promise<string[]> {
  let body = '';
  for await (const chunk of response) {
    body += chunk;
    if (actions(body).length >= count) break;
  }
  return actions(body);
}

test('without bounds only what happens from now on is told', async () => {
  here.append(STREAM, 'container.created');
  const response = await served.open('GET', '/events');
  assert.equal(response.headers['content-type'], 'application/jsonl');
  here.append(STREAM, 'container.started');
  here.append(STREAM, 'container.exited');
  assert.deepEqual(await next(response, 2), ['started', 'exited']);
});

test('since gives history and goes on live', async () => {
  here.append(STREAM, 'container.created');
  const response = await served.open('GET', `/v1.50/events?since=${SECONDS}`);
  assert.equal(response.headers['content-type'], 'application/json');
  here.append(STREAM, 'container.started');
  assert.deepEqual(await next(response, 2), ['created', 'started']);
});

test('since is told in nanoseconds: what happened then or before is left out', async () => {
  here.append(STREAM, 'container.created');
  here.append(STREAM, 'container.started');
  const bounds = `since=${SECONDS}.000000001&until=${SECONDS}.5`;
  here.nowNs = NOW + 1_000_000_000n;
  assert.deepEqual(actions((await served.ask('GET', `/events?${bounds}`)).body), ['started']);
});

test('until in the past ends the answer, until in the future ends it then', async () => {
  here.append(STREAM, 'container.created');
  here.nowNs = NOW + 500_000_000n;
  here.append(STREAM, 'container.started');
  const past = await served.ask('GET', `/events?until=${SECONDS}.1`);
  assert.deepEqual(actions(past.body), ['created']);
  const future = served.ask('GET', `/events?until=${SECONDS}.55`);
  await sleep(20);
  here.nowNs = NOW + 600_000_000n;
  assert.deepEqual(actions((await future).body), ['created', 'started']);
});

test('many events come in order, page after page', async () => {
  for (let count = 0; count < 350; count += 1) here.append(STREAM, `container.n${count}`);
  const body = await text(
    await served.open('GET', `/events?since=0&until=${SECONDS}.9&x=1`).then((r) => {
      here.nowNs = NOW + 1_000_000_000n;
      return r;
    }),
  );
  const told = actions(body);
  assert.deepEqual([told.length, told[0], told.at(-1)], [350, 'n0', 'n349']);
});

test('old clients get the old keys, and the time to the nanosecond', async () => {
  here.append(STREAM, 'container.started');
  here.nowNs = NOW + 1_000_000_000n;
  const path = `events?since=0&until=${SECONDS}.9`;
  const older = (await served.ask('GET', `/v1.51/${path}`)).body;
  assert.ok(
    older.startsWith(`{"status":"started","id":"${ID}","from":"busybox","Type":"container"`),
  );
  assert.ok(older.endsWith(`"scope":"local","time":1700000000,"timeNano":1700000000000000001}\n`));
  assert.equal(JSON.parse((await served.ask('GET', `/${path}`)).body).status, undefined);
});

test('filters choose, unknown keys are ignored', async () => {
  here.append(STREAM, 'container.started');
  here.append('image/sha256:1', 'image.load');
  here.nowNs = NOW + 1_000_000_000n;
  const told = async (filters: object) => {
    const query = encodeURIComponent(JSON.stringify(filters));
    const path = `/events?since=0&until=${SECONDS}.9&filters=${query}`;
    return actions((await served.ask('GET', path)).body);
  };
  assert.deepEqual(await told({ type: ['image'] }), ['load']);
  assert.deepEqual(await told({ event: { started: true } }), ['started']);
  assert.deepEqual(await told({ container: [ID.slice(0, 5)] }), ['started']);
  assert.deepEqual(await told({ container: ['we'] }), ['started', 'load']);
  assert.deepEqual(await told({ image: ['busybox:latest'] }), []);
  assert.deepEqual(await told({ image: ['busybox'] }), ['started']);
  assert.deepEqual(await told({ label: ['a=b', 'c'] }), []);
  assert.deepEqual(await told({ scope: ['swarm'] }), []);
  assert.deepEqual(await told({ bogus: ['1'] }), ['started', 'load']);
});

test('bounds that contradict each other are refused', async () => {
  const answer = await served.ask('GET', '/events?since=5&until=4');
  assert.equal(answer.status, 400);
  assert.match(answer.body, /`since` time \(5\) cannot be after `until` time \(4\)/);
});

test('json-seq is given to who accepts it', async () => {
  here.append(STREAM, 'container.started');
  here.nowNs = NOW + 1_000_000_000n;
  const accept = { Accept: 'application/json-seq' };
  const answer = await served.ask('GET', `/events?since=0&until=${SECONDS}.9`, undefined, accept);
  assert.equal(answer.headers['content-type'], 'application/json-seq');
  assert.ok(answer.body.startsWith('\x1e{'));
});

test('a client that leaves before the end of the time leaves no error behind', async () => {
  const response = await served.open('GET', `/events?until=${SECONDS + 100n}`);
  response.destroy();
  await sleep(50);
  assert.deepEqual(served.lines, []);
});

test('what is told beside the log comes after the fact that was the newest then', async () => {
  here.note(ID, 'zero');
  here.append(STREAM, 'container.created');
  here.note(ID, 'one');
  here.note(ID, 'two');
  here.append(STREAM, 'container.started');
  here.nowNs = NOW + 1_000_000_000n;
  const all = await served.ask('GET', `/events?until=${SECONDS}.5`);
  assert.deepEqual(actions(all.body), ['zero', 'created', 'one', 'two', 'started']);
  const bounds = `since=${SECONDS}.000000001&until=${SECONDS}.5`;
  assert.deepEqual(actions((await served.ask('GET', `/events?${bounds}`)).body), ['started']);
});

test('what is told beside the log wakes up who waits, and is told once', async () => {
  here.note(ID, 'before');
  const response = await served.open('GET', '/events');
  here.note(ID, 'one');
  await sleep(20);
  here.append(STREAM, 'container.started');
  here.note(ID, 'two');
  assert.deepEqual(await next(response, 3), ['one', 'started', 'two']);
});

test('more than a page of both keeps its order', async () => {
  const wanted: string[] = [];
  for (let count = 0; count < 250; count += 1) {
    here.append(STREAM, `container.f${count}`);
    here.note(ID, `s${count}`);
    wanted.push(`f${count}`, `s${count}`);
  }
  here.nowNs = NOW + 1_000_000_000n;
  const all = await served.ask('GET', `/events?until=${SECONDS}.5`);
  assert.deepEqual(actions(all.body), wanted);
});
