/** The client's iteration over the log, against a server that breaks off wherever it likes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { lastValueFrom, take, toArray } from 'rxjs';
import { createClient } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'shiplog-client-'));
const path = join(directory, 's.sock');
const asked: string[] = [];
let answers: ((response: ServerResponse) => void)[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  answers.shift()?.(response);
});
before(() => new Promise<void>((resolve) => server.listen(path, resolve)));
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(directory, { recursive: true });
});

const client = createClient({ kind: 'unix', path });
const line = (kind: string, position: number) => `${JSON.stringify({ kind, position })}\n`;
const facts = (...positions: number[]) => positions.map((one) => line('fact', one)).join('');
/** Sends this, and then the connection is gone, or the answer ends in order. */
const cut = (text: string) => (response: ServerResponse) => {
  response.write(text, () => response.destroy());
};
const whole = (text: string) => (response: ServerResponse) => {
  response.end(text);
};

async function positionsOf(wanted: Parameters<typeof client.events>[0]) {
  const seen: string[] = [];
  for await (const { kind, position } of client.events(wanted)) seen.push(`${kind} ${position}`);
  return seen;
}

test('after each loss it goes on behind the last whole record, and marks come once', async () => {
  asked.length = 0;
  answers = [
    cut(facts(1, 2) + line('fact', 3).slice(0, 9)),
    cut(facts(3) + line('caught-up', 3)),
    (response) => response.writeHead(503).end('{"message":"not ready"}'),
    whole(facts(4) + line('caught-up', 4)),
  ];
  const wanted = { follow: true, to: 4, types: ['x'] };
  const seen = await positionsOf(wanted);
  assert.deepEqual(seen, ['fact 1', 'fact 2', 'fact 3', 'caught-up 3', 'fact 4']);
  assert.deepEqual(
    asked.map((url) => new URL(url, 'http://x').searchParams.get('from')),
    [null, '3', '4', '4'],
  );
  assert.ok(asked.every((url) => url.includes('type=x') && url.includes('follow=true')));
});

test('a refusal is an error, whether at the first try or later', async () => {
  answers = [cut(facts(1)), (response) => response.writeHead(400).end('{"message":"cut"}')];
  await assert.rejects(positionsOf({ follow: true }), /^ClientError: cut$/);
  const nobody = createClient({ kind: 'unix', path: join(directory, 'none') });
  await assert.rejects(async () => {
    for await (const _ of nobody.events()) assert.fail('nothing comes');
  }, /no shiplog daemon/);
});

test('without following it ends at the mark, not at a lost connection', async () => {
  answers = [cut(facts(1)), whole(facts(2) + line('caught-up', 2))];
  assert.deepEqual(await positionsOf({}), ['fact 1', 'fact 2', 'caught-up 2']);
});

test('a connection that says nothing any more is given up, and the next one goes on', async () => {
  asked.length = 0;
  answers = [
    // As from a host that is gone: neither a heartbeat nor an end.
    (response) => void response.write(facts(1, 2)),
    whole(facts(3)),
  ];
  const seen = await positionsOf({ follow: true, to: 3, heartbeatSeconds: 0.05 });
  assert.deepEqual(seen, ['fact 1', 'fact 2', 'fact 3']);
  assert.equal(new URL(asked[1] ?? '', 'http://x').searchParams.get('from'), '3');
});

test('heartbeats keep a connection on which nothing else comes', async () => {
  asked.length = 0;
  answers = [
    (response) => {
      response.write(facts(1));
      const beat = setInterval(() => response.write(line('heartbeat', 1)), 20);
      setTimeout(() => {
        clearInterval(beat);
        response.end(facts(2));
      }, 1_000);
    },
  ];
  const seen = await positionsOf({ follow: true, to: 2, heartbeatSeconds: 0.2 });
  assert.deepEqual(
    seen.filter((one) => !one.startsWith('heartbeat')),
    ['fact 1', 'fact 2'],
  );
  assert.equal(asked.length, 1);
});

test('as an Observable it stops asking when nobody listens any more', async () => {
  answers = [(response) => void response.write(facts(1, 2, 3))];
  const two = client.events$({ follow: true }).pipe(take(2), toArray());
  assert.deepEqual(
    (await lastValueFrom(two)).map(({ position }) => position),
    [1, 2],
  );
  assert.deepEqual(answers, []);
});
