/** Facts as JSON, one by one and as lines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  appended,
  fact,
  freshLog,
  openTestLog,
  START_NS,
  tamper,
  temporaryLog,
} from './log.fixture.ts';

const ODD = 'container/"é\n\\';

test('a fact is JSON with all that a subscriber is told of it', async (t) => {
  const log = freshLog(t);
  const data = { text: 'é "\n\u2028', list: [1, null] };
  appended(await log.append([fact('a', 0, { data }), fact(ODD, 0, { caller: null })]));
  const [first, second] = log.texts.after(0, 10);
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(JSON.parse(first.json), {
    kind: 'fact',
    position: 1,
    stream: 'a',
    version: 1,
    type: 'thing.happened',
    at: '2023-11-14T22:13:20.123456789Z',
    atNs: String(START_NS),
    state: 'here',
    data,
    cause: { command: 'do' },
    caller: { kind: 'unix', uid: 0 },
    revision: 1,
  });
  const { position, stream, type, caller, sound } = second;
  assert.deepEqual([position, stream, type, caller], [2, ODD, 'thing.happened', 'null']);
  assert.equal(sound, true);
  assert.equal(JSON.parse(second.json).stream, ODD);
  assert.equal(log.texts.after(2, 10).length, 0);
});

test('a time whose fraction begins with zeros keeps its nine digits', async (t) => {
  const log = freshLog(t, { clock: { nowNs: () => 1_700_000_000_000_000_007n } });
  appended(await log.append([fact('a', 0)]));
  const [first] = log.texts.after(0, 1);
  assert.match(first?.json ?? '', /"at":"2023-11-14T22:13:20.000000007Z"/);
});

test('lines are the same texts in one piece, page by page', async (t) => {
  const log = freshLog(t);
  appended(await log.append(Array.from({ length: 25 }, (_, at) => fact('a', at))));
  let text = '';
  let at = 0;
  for (let page = log.texts.lines(at, 10); page !== undefined; page = log.texts.lines(at, 10)) {
    text += Buffer.from(page.bytes).toString('utf8');
    at = page.reached;
  }
  assert.equal(at, 25);
  const all = log.texts.after(0, 100).map(({ json }) => `${json}\n`);
  assert.equal(text, all.join(''));
});

test('a row that is not JSON is told as damaged, and breaks no stream', async (t) => {
  const path = temporaryLog(t);
  const before = openTestLog(path);
  appended(await before.append([fact('a', 0), fact('a', 1)]));
  before.close();
  tamper(path, `UPDATE facts SET cause = '{' WHERE position = 1`);
  const log = openTestLog(path);
  t.after(() => log.close());
  const [first, second] = log.texts.after(0, 10);
  assert.deepEqual([first?.sound, second?.sound], [false, true]);
  const { kind, position, ...more } = JSON.parse(first?.json ?? '');
  assert.deepEqual([kind, position, 'cause' in more], ['damaged', 1, false]);
});
