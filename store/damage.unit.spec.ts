/**
 * Rows and files that somebody has damaged while the daemon was away: what belongs to one damaged
 * row is left out and told once, all else is answered; a damaged file is refused and left alone.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Damage } from './damage.ts';
import {
  appended,
  countingProjection,
  fact,
  openTestLog,
  stillClock,
  tamper,
  temporaryLog,
} from './log.fixture.ts';
import { LogOpenError, openLog } from './log.ts';

/** Streams a, b and c, two facts each, each with an open agenda row. */
async function written(t: TestContext): Promise<string> {
  const path = temporaryLog(t);
  const log = openTestLog(path, { projections: [countingProjection()] });
  const effects = [{ type: 'work', params: {} }];
  for (const stream of ['a', 'b', 'c']) {
    appended(await log.append([fact(stream, 0, { effects }), fact(stream, 1)]));
  }
  log.close();
  return path;
}

function opened(t: TestContext, path: string, version = 1) {
  const told: Damage[] = [];
  const projections = [countingProjection(version)];
  const damaged = (damage: Damage): void => void told.push(damage);
  const log = openLog({ path, clock: stillClock, projections, newLogId: () => 'x', damaged });
  t.after(() => log.close());
  return { log, told };
}

const names = (of: readonly { readonly stream: string }[]) => of.map(({ stream }) => stream);

test('the state of one stream cannot be read: to ask for it throws, others answer', async (t) => {
  const path = await written(t);
  tamper(path, `UPDATE streams SET context = '{"cut' WHERE name = 'b'`);
  const { log, told } = opened(t, path);
  assert.deepEqual(names(log.states('')), ['a', 'c']);
  assert.throws(() => log.state('b'), { name: 'DamagedRowError', message: /^streams b: / });
  assert.throws(() => log.state('b'));
  assert.deepEqual([log.state('a')?.version, log.readStream('b').length], [2, 2]);
  assert.deepEqual([log.version('b'), log.version('x')], [2, 0]);
  assert.deepEqual([log.readable('b'), log.readable('a')?.version], [undefined, 2]);
  assert.deepEqual(
    told.map(({ table, row }) => `${table} ${row}`),
    ['streams b'],
  );
  assert.deepEqual(log.damage(), told);
  appended(await log.append([fact('c', 2)]));
});

test('a snapshot is unproven unless its very bytes have its digest', async (t) => {
  const path = temporaryLog(t);
  const log = openTestLog(path);
  t.after(() => log.close());
  const digest = createHash('sha256').update('{"context":{"a":1},"value":"on"}').digest('hex');
  const same = { state: 'on', contextText: '{"a":1}', digest };
  const facts = [
    fact('good', 0, same),
    fact('bad', 0, { ...same, state: 'off' }),
    fact('over', 0, { ...same, state: 'off', final: true }),
  ];
  appended(await log.append(facts));
  assert.deepEqual(names(log.unproven()), ['bad']);
});

test('a fact cannot be read: it is passed over, also when a whole page of them is', async (t) => {
  const path = await written(t);
  tamper(path, `UPDATE facts SET data = '{' WHERE position IN (3, 4)`);
  const { log, told } = opened(t, path);
  const positions = (from: number, limit?: number) =>
    log.read(from, limit).map(({ position }) => position);
  assert.deepEqual(positions(0), [1, 2, 5, 6]);
  assert.deepEqual([positions(2, 1), positions(2, 2), positions(6)], [[5], [5, 6], []]);
  assert.deepEqual(log.readStream('b'), []);
  assert.deepEqual(
    told.map(({ table, row, stream }) => [table, row, stream]),
    [
      ['facts', '3', 'b'],
      ['facts', '4', 'b'],
    ],
  );
});

test('read models are rebuilt from the facts that can be read', async (t) => {
  const path = await written(t);
  tamper(path, `UPDATE facts SET data = '' WHERE position = 3`);
  const { log, told } = opened(t, path, 2);
  assert.equal(log.reader.prepare('SELECT sum(facts) FROM p_counts').pluck().get(), 5);
  assert.equal(told.length, 1);
});

test('damage to what no read model looks at costs it nothing when it is rebuilt', async (t) => {
  const path = await written(t);
  tamper(path, `UPDATE facts SET effects = '' WHERE position = 3`);
  const { log, told } = opened(t, path, 2);
  assert.equal(log.reader.prepare('SELECT sum(facts) FROM p_counts').pluck().get(), 6);
  assert.deepEqual(told, []);
});

test('an agenda row cannot be read: it is left out, the others are there', async (t) => {
  const path = await written(t);
  tamper(path, `UPDATE agenda SET params = 'x' WHERE position = 3`);
  const { log, told } = opened(t, path);
  assert.deepEqual(names(log.agenda()), ['a', 'c']);
  assert.deepEqual(names(told), ['b']);
  assert.deepEqual(log.agendaOf('b'), []);
});

/** Damages bytes of the file as `damage` says; returns what opening it throws. */
async function openingAfter(t: TestContext, damage: (path: string) => void): Promise<unknown> {
  const path = await written(t);
  damage(path);
  const before = readFileSync(path);
  const thrown = await Promise.resolve()
    .then(() => opened(t, path))
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  assert.deepEqual(readFileSync(path), before, 'the damaged file was written to');
  return thrown;
}

test('a file that is no database is refused in a sentence, and left as it is', async (t) => {
  const thrown = await openingAfter(t, (path) => writeFileSync(path, 'x'.repeat(8_192)));
  assert.ok(thrown instanceof LogOpenError);
  assert.match(thrown.message, /log\.db: the log is damaged; nothing was changed in it\. .*backup/);
});

test('a file whose tables are cut off is refused in a sentence, and left as it is', async (t) => {
  const thrown = await openingAfter(t, (path) => truncateSync(path, statSync(path).size - 20_480));
  assert.ok(thrown instanceof LogOpenError);
  assert.match(thrown.message, /the log is damaged/);
});

test('a page of garbage is refused in a sentence, and left as it is', async (t) => {
  const thrown = await openingAfter(t, (path) => {
    const bytes = readFileSync(path);
    bytes.fill(0xab, 4_096, 8_192);
    writeFileSync(path, bytes);
  });
  assert.ok(thrown instanceof LogOpenError);
  assert.match(thrown.message, /the log is damaged/);
});
