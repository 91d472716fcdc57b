import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appended, conflictOf, everywhere, fact, freshLog } from './log.fixture.ts';
import { factsReader } from './read.ts';

test('what is at hand is what lies in the database, from any position on', async (t) => {
  const log = freshLog(t);
  const stored = factsReader(log.reader);
  const same = () => {
    for (let from = 0; from <= log.head().position + 1; from += 1) {
      assert.deepEqual(log.read(from), stored.after(from));
      assert.deepEqual(log.read(from, 2), stored.after(from, 2));
    }
  };
  same();
  const data = { text: 'é\u2028 "', list: [1, 2.5, null, true] };
  const take = [{ kind: 'name', key: 'a' }];
  await Promise.all([
    log.append([fact('a', 0, { data, take }), fact('b', 0)]),
    log.append([fact('a', 0)]),
    log.append([fact('c', 0), fact('a', 1)]),
  ]);
  assert.equal(log.head().position, 4);
  same();
  appended(await log.append([fact('b', 1), fact('b', 2), fact('b', 3)]));
  same();
  conflictOf(await log.append([fact('b', 1)]));
  same();
});

everywhere('views of some kinds of facts grow with these alone', async (fresh) => {
  const log = fresh();
  const append = async (stream: string, expect: number, type: string) =>
    appended(await log.append([fact(stream, expect, { type })]));
  const things = () => log.views(['thing.', 'matter.']);
  await append('a', 0, 'thing.made');
  const before = { things: things(), all: log.views() };
  await append('b', 0, 'things.made');
  await append('c', 0, 'other.made');
  assert.deepEqual([things(), log.views()], [before.things, before.all + 2]);
  await append('d', 0, 'matter.made');
  assert.ok(things() > before.things);
  const after = things();
  await append('a', 1, 'thing.changed');
  assert.ok(things() > after);
});
