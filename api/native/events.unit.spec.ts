/** The native stream over HTTP, out of facts that each test puts into the log. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, beforeEach, test } from 'node:test';
import type { Caller } from '../../machines/words.ts';
import { type Served, serve } from '../testing/client.ts';
import { details, ID, type World, world } from '../testing/fakes.ts';

let fake: World;
let served: Served;
before(async () => {
  fake = world();
  served = await serve(fake);
});
after(() => served.close());

const alice: Caller = { kind: 'unix', uid: 1000, executable: '/usr/bin/docker' };

function fact(stream: string, type: string, caller: Caller | null = null, sound = true): void {
  const { position } = fake.append(stream, type);
  const json = JSON.stringify({ kind: sound ? 'fact' : 'damaged', position, stream, type });
  fake.native.texts.push({ position, stream, type, caller: JSON.stringify(caller), sound, json });
}

beforeEach(() => {
  if (fake.native.texts.length > 0) return;
  fake.containers.set(ID, details({ labels: { tier: 'front' } }));
  fact('daemon', 'daemon.started');
  fact(`container/${ID}`, 'container.created', alice);
  fact(`task/${ID}/1`, 'task.started');
  fact('image/x', 'image.loaded', { kind: 'unix', uid: 0 });
  fact('container/other', 'container.created', null, false);
});

async function records(query: string, headers = {}) {
  const answer = await served.ask('GET', `/shiplog/v1/events?${query}`, undefined, headers);
  assert.equal(answer.status, 200, answer.body);
  return answer.body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
const positions = async (query: string, headers = {}): Promise<string> =>
  (await records(query, headers))
    .map(({ kind, position }) => (kind === 'fact' ? position : `${kind} ${position}`))
    .join(', ');

test('all that there is, each fact whole, and a mark at its end', async () => {
  const [first, ...rest] = await records('');
  assert.deepEqual(first, { kind: 'fact', position: 1, stream: 'daemon', type: 'daemon.started' });
  assert.deepEqual(rest.at(-1), { kind: 'caught-up', position: 5 });
  assert.equal(rest.at(-2).kind, 'damaged', 'a row that is not JSON breaks no stream');
});

test('it begins where it is told to, and a Last-Event-ID goes before', async () => {
  assert.equal(await positions('from=4'), '4, damaged 5, caught-up 5');
  assert.equal(await positions('from=2&to=3'), '2, 3, caught-up 3');
  assert.equal(await positions('from=2&to=3&type=task'), '3, caught-up 3');
  assert.equal(await positions('now=1'), 'caught-up 5');
  const time = '2023-11-14T22:13:20.000000004Z';
  assert.equal(await positions(`time=${time}`), '4, damaged 5, caught-up 5');
  assert.equal(await positions('from=1', { 'Last-Event-ID': '3' }), '4, damaged 5, caught-up 5');
});

test('filters: alternatives of one, all of them together', async () => {
  assert.equal(await positions('stream=container/&stream=daemon'), '1, 2, damaged 5, caught-up 5');
  assert.equal(await positions('type=container.'), '2, damaged 5, caught-up 5');
  assert.equal(await positions(`container=${ID}`), '2, 3, caught-up 5');
  assert.equal(await positions('label=tier&type=task.'), '3, caught-up 5');
  assert.equal(await positions('label=tier=back'), 'caught-up 5');
  assert.equal(await positions('caller=uid=1000'), '2, caught-up 5');
  assert.equal(await positions('caller=executable=docker&caller=uid=0'), '2, 4, caught-up 5');
});

test('what makes no sense is refused', async () => {
  const bad = ['from=0', 'from=x', 'from=1&now=1', 'time=never', 'caller=alice', 'heartbeat=0'];
  for (const query of bad) {
    const { status } = await served.ask('GET', `/shiplog/v1/events?${query}`);
    assert.equal(status, 400, query);
  }
  const beyond = await served.ask('GET', '/shiplog/v1/events?from=7');
  assert.match(beyond.body, /the log ends at position 5: nothing can follow 6 in it yet/);
  const unknown = await served.ask('GET', '/shiplog/v1/events?container=nosuch');
  assert.equal(unknown.status, 404);
});

test('followed: history, the mark, what comes, and a beat when nothing does', async () => {
  const stream = await served.open('GET', '/shiplog/v1/events?from=5&follow=1&heartbeat=1');
  stream.setEncoding('utf8');
  let text = '';
  const until = async (wanted: string) => {
    while (!text.includes(wanted)) text += (await once(stream, 'data'))[0];
  };
  await until('{"kind":"caught-up","position":5}\n');
  const [place] = fake.ports.subscribers.all();
  assert.equal(place?.stream, 'native');
  fact('image/y', 'image.loaded');
  await until('"position":6');
  await until('{"kind":"heartbeat","position":6}\n');
  assert.equal(text.match(/caught-up/g)?.length, 1);
  stream.destroy();
  while (fake.ports.subscribers.all().length > 0) await new Promise((done) => setTimeout(done, 5));
});

test('as server-sent events each record has its position as id', async () => {
  const asked = { Accept: 'text/event-stream' };
  const path = '/shiplog/v1/events?from=6';
  const { body, headers } = await served.ask('GET', path, undefined, asked);
  assert.equal(headers['content-type'], 'text/event-stream');
  const [record = '', mark] = body.split('\n\n');
  assert.match(record, /^id: 6\nevent: fact\ndata: \{"kind":"fact","position":6,.*\}$/);
  assert.equal(mark, 'id: 6\nevent: caught-up\ndata: {"kind":"caught-up","position":6}');
});
