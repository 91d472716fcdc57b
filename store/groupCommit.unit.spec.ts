/** One turn, one transaction: order, atomicity, listeners, failures, disk full. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import Sqlite, { type Database } from 'better-sqlite3';
import { APPENDS_PER_COMMIT_MAX } from './groupCommit.ts';
import {
  appended,
  conflictOf,
  everywhere,
  fact,
  openTestLog,
  temporaryLog,
} from './log.fixture.ts';
import type { OpenedLog } from './log.ts';
import type { NewFact, ProjectionPort } from './types.ts';
import { verifyLog } from './verify.ts';

function commitSizes(log: OpenedLog): number[] {
  const sizes: number[] = [];
  log.onCommit((facts) => sizes.push(facts.length));
  return sizes;
}

/** `count` appends of one fact each, all asked for in one turn. */
function appendMany(log: OpenedLog, count: number) {
  return Promise.all(
    Array.from({ length: count }, (_, index) => log.append([fact(`container/${index}`, 0)])),
  );
}

everywhere('the appends of one turn are one commit, in the order of the calls', async (fresh) => {
  const log = fresh();
  const sizes = commitSizes(log);
  const results = await appendMany(log, 10);
  assert.deepEqual(
    results.map((result) => appended(result)[0]?.position),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  assert.deepEqual(sizes, [10]);
});

everywhere('a commit takes at most 64 appends; the rest follow in order', async (fresh) => {
  const log = fresh();
  const sizes = commitSizes(log);
  const results = await appendMany(log, 2 * APPENDS_PER_COMMIT_MAX + 1);
  assert.deepEqual(sizes, [64, 64, 1]);
  assert.equal(appended(results.at(-1) ?? assert.fail())[0]?.stream, 'container/128');
});

everywhere(
  'facts of one stream that follow each other in one turn are all written',
  async (fresh) => {
    const log = fresh();
    await Promise.all([0, 1, 2].map(async (v) => appended(await log.append([fact('a', v)]))));
    assert.equal(log.state('a')?.version, 3);
  },
);

everywhere(
  'listeners hear a commit before its promises resolve, and can read it',
  async (fresh) => {
    const log = fresh();
    const heard: string[] = [];
    log.onCommit((facts) => {
      heard.push(`heard ${facts.map(({ stream }) => stream)} head ${log.head().position}`);
      heard.push(`read ${log.read(0).length}`);
    });
    await Promise.all([
      log.append([fact('a', 0), fact('b', 0)]).then(() => heard.push('a resolved')),
      log.append([fact('c', 0)]).then(() => heard.push('c resolved')),
    ]);
    assert.deepEqual(heard, ['heard a,b,c head 3', 'read 3', 'a resolved', 'c resolved']);
  },
);

everywhere(
  'a listener is not called when nothing was written, nor after it has left',
  async (fresh) => {
    const log = fresh();
    const heard: number[] = [];
    const leave = log.onCommit((facts) => heard.push(facts.length));
    conflictOf(await log.append([fact('a', 7)]));
    appended(await log.append([]));
    assert.deepEqual(heard, []);
    leave();
    appended(await log.append([fact('a', 0)]));
    assert.deepEqual(heard, []);
  },
);

test('a fact is durable when its promise resolves: another connection reads it', async (t) => {
  const path = temporaryLog(t);
  const log = openTestLog(path);
  t.after(() => log.close());
  appended(await log.append([fact('a', 0)]));
  const other = new Sqlite(path, { readonly: true });
  t.after(() => other.close());
  assert.equal(other.prepare('SELECT count(*) FROM facts').pluck().get(), 1);
});

test('close writes what is queued and refuses what comes after', async (t) => {
  const path = temporaryLog(t);
  const log = openTestLog(path);
  const queued = log.append([fact('a', 0)]);
  log.close();
  appended(await queued);
  assert.equal(conflictOf(await log.append([fact('b', 0)])).kind, 'failed');
  assert.deepEqual({ ...verifyLog(path), hash: '' }, { ok: true, facts: 1, hash: '' });
});

test('a log that is opened again goes on with its chain', async (t) => {
  const path = temporaryLog(t);
  const first = openTestLog(path);
  appended(await first.append([fact('a', 0)]));
  first.close();
  const second = openTestLog(path);
  appended(await second.append([fact('a', 1)]));
  assert.equal(second.logId, 'log-of-a-test');
  second.checkpoint();
  second.close();
  assert.equal(verifyLog(path).ok, true);
});

/** A projection whose `fold` is given, with one table to write to. */
function projection(prepare: ProjectionPort<Database>['prepare']): ProjectionPort<Database> {
  return {
    name: 'test',
    version: 1,
    schema: ['CREATE TABLE p_test (stream TEXT NOT NULL) STRICT'],
    drop: ['DROP TABLE p_test'],
    prepare,
  };
}

everywhere(
  'a projection that throws fails its append alone and leaves nothing of it',
  async (fresh) => {
    const log = fresh({
      projections: [
        projection((db) => {
          const insert = db.prepare('INSERT INTO p_test VALUES (?)');
          return (facts) => {
            for (const { stream } of facts) insert.run(stream);
            if (facts.some(({ stream }) => stream === 'bad')) throw new Error('a bug in the fold');
          };
        }),
      ],
    });
    const results = await Promise.all([
      log.append([fact('a', 0)]),
      log.append([fact('b', 0), fact('bad', 0)]),
      log.append([fact('c', 0)]),
    ]);
    const bad = results[1] ?? assert.fail();
    assert.deepEqual(conflictOf(bad), { kind: 'failed', message: 'a bug in the fold' });
    assert.deepEqual(
      log.read(0).map(({ position, stream }) => [position, stream]),
      [
        [1, 'a'],
        [2, 'c'],
      ],
    );
    assert.deepEqual(log.reader.prepare('SELECT stream FROM p_test').pluck().all(), ['a', 'c']);
  },
);

test('a full disk refuses every append of the transaction, and later ones succeed', async (t) => {
  let pages: (count: number) => void = () => assert.fail('not prepared');
  const path = temporaryLog(t);
  const log = openTestLog(path, {
    projections: [
      projection((db) => {
        pages = (count) => db.pragma(`max_page_count = ${count}`);
        return () => undefined;
      }),
    ],
  });
  appended(await log.append([fact('before', 0)]));
  // SQLite never sets the limit below the present size: no page may be added from now on.
  pages(1);
  const big: NewFact = fact('big', 0, { data: 'x'.repeat(500_000) });
  const results = await Promise.all([log.append([fact('small', 0)]), log.append([big])]);
  assert.deepEqual(
    results.map((result) => conflictOf(result).kind),
    ['disk-full', 'disk-full'],
  );
  assert.equal(log.head().position, 1);
  pages(1_000_000);
  appended(await log.append([big, fact('small', 0)]));
  log.close();
  assert.equal(verifyLog(path).ok, true);
});

test('the reserve is made at open, can be given up and made again', (t) => {
  const path = temporaryLog(t);
  const reserve = join(dirname(path), 'reserve');
  const log = openTestLog(path);
  t.after(() => log.close());
  assert.equal(statSync(reserve).size, 8 * 1024 * 1024);
  assert.equal(log.releaseReserve(), true);
  assert.equal(log.releaseReserve(), false);
  assert.throws(() => readFileSync(reserve), { code: 'ENOENT' });
  assert.equal(log.restoreReserve(), true);
  assert.equal(statSync(reserve).size, 8 * 1024 * 1024);
});

test('the log is readable by its owner alone', async (t) => {
  const path = temporaryLog(t);
  const log = openTestLog(path);
  t.after(() => log.close());
  appended(await log.append([fact('a', 0)]));
  for (const file of [path, `${path}-wal`, join(dirname(path), 'reserve')]) {
    assert.equal(statSync(file).mode & 0o077, 0, file);
  }
});
