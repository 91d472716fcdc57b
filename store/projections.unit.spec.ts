/** Projections: folded live, rebuilt when missing or changed, and the same either way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from 'better-sqlite3';
import { appended, countingProjection, fact, openTestLog, temporaryLog } from './log.fixture.ts';
import type { FoldedFact, ProjectionPort } from './types.ts';

const FACTS = 1203;

async function fill(path: string, projections: readonly ProjectionPort<Database>[]) {
  const log = openTestLog(path, { projections });
  const types = ['a.made', 'a.changed', 'b.made'];
  const appends = Array.from({ length: FACTS }, (_, index) =>
    log.append([fact('a', index, { type: types[index % types.length] ?? 'never' })]),
  );
  for (const result of await Promise.all(appends)) appended(result);
  const dump = dumpOf(log.reader);
  log.close();
  return dump;
}

function dumpOf(db: Database): unknown[] {
  return db.prepare('SELECT * FROM p_counts ORDER BY type').raw().all();
}

function reopened(path: string, projections: readonly ProjectionPort<Database>[]): unknown[] {
  const log = openTestLog(path, { projections });
  const dump = projections.length === 0 ? [] : dumpOf(log.reader);
  log.close();
  return dump;
}

/** Counts the folds, to tell a rebuild from an open. */
function watched(version: number, folded: FoldedFact[]): ProjectionPort<Database> {
  const inner = countingProjection(version);
  return {
    ...inner,
    prepare(db) {
      const fold = inner.prepare(db);
      return (facts) => {
        folded.push(...facts);
        fold(facts);
      };
    },
  };
}

test('rebuilt in pages, a projection equals the live one', async (t) => {
  const path = temporaryLog(t);
  const live = await fill(path, [countingProjection()]);
  const folded: FoldedFact[] = [];
  assert.deepEqual(reopened(path, [watched(2, folded)]), live);
  assert.deepEqual(
    folded.map(({ position }) => position),
    Array.from({ length: FACTS }, (_, index) => index + 1),
  );
});

test('a projection that is new to an old log is built from all facts', async (t) => {
  const path = temporaryLog(t);
  const log = openTestLog(path);
  appended(await log.append([fact('a', 0), fact('a', 1)]));
  log.close();
  assert.deepEqual(reopened(path, [countingProjection()]), [['thing.happened', 2, 2]]);
});

test('an unchanged projection is not folded again at open', async (t) => {
  const path = temporaryLog(t);
  const live = await fill(path, [countingProjection()]);
  const folded: FoldedFact[] = [];
  assert.deepEqual(reopened(path, [watched(1, folded)]), live);
  assert.deepEqual(folded, []);
});

test('a projection that missed facts because a run left it out is rebuilt', async (t) => {
  const path = temporaryLog(t);
  await fill(path, [countingProjection()]);
  const without = openTestLog(path);
  appended(await without.append([fact('a', FACTS, { type: 'c.made' })]));
  without.close();
  assert.deepEqual(reopened(path, [countingProjection()]).at(-1), ['c.made', 1, FACTS + 1]);
});

test('a fold that throws during the rebuild stops the open and changes nothing', async (t) => {
  const path = temporaryLog(t);
  const live = await fill(path, [countingProjection()]);
  const broken: ProjectionPort<Database> = {
    ...countingProjection(2),
    prepare: () => () => {
      throw new Error('a bug in the fold');
    },
  };
  assert.throws(() => openTestLog(path, { projections: [broken] }), /a bug in the fold/);
  assert.deepEqual(reopened(path, [countingProjection()]), live);
});

test('what a live fold sees is what a rebuild sees', async (t) => {
  const path = temporaryLog(t);
  const live: FoldedFact[] = [];
  const log = openTestLog(path, { projections: [watched(1, live)] });
  const odd = { z: 1, 10: 'ten', zero: -0, missing: undefined } as unknown;
  const data = JSON.parse(JSON.stringify({ plain: true }));
  Object.assign(data, odd);
  appended(await log.append([fact('a', 0, { data, effects: [{ type: 'x', params: data }] })]));
  log.close();
  const rebuilt: FoldedFact[] = [];
  reopened(path, [watched(2, rebuilt)]);
  assert.deepEqual(live, rebuilt);
});

test('a projection sees the types that it folds, live and rebuilt', async (t) => {
  const path = temporaryLog(t);
  const live: FoldedFact[] = [];
  await fill(path, [{ ...watched(1, live), folds: ['a.c', 'b.'] }]);
  assert.deepEqual([...new Set(live.map(({ type }) => type))], ['a.changed', 'b.made']);
  const rebuilt: FoldedFact[] = [];
  reopened(path, [{ ...watched(2, rebuilt), folds: ['a.c', 'b.'] }]);
  assert.deepEqual(rebuilt, live);
});

test('two projections of one name are refused', (t) => {
  const path = temporaryLog(t);
  const projections = [countingProjection(), countingProjection()];
  assert.throws(() => openTestLog(path, { projections }), /one name/);
});
