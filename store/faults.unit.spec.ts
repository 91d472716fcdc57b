/**
 * A disk that is full, broken, read-only or slow, and a crash between two turns, under a log in a
 * file and one in memory: every append is there whole or not at all, its caller is told which, and
 * the log goes on when the disk does.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Fault, type FaultyStorage, faultyStorage } from './faultyStorage.fixture.ts';
import {
  appended,
  conflictOf,
  countingProjection,
  fact,
  openOn,
  temporaryLog,
} from './log.fixture.ts';
import type { OpenedLog } from './log.ts';
import { secretDigest } from './secrets.ts';
import { fileStorage } from './storage.ts';
import type { NewFact } from './types.ts';
import { verifyDatabase } from './verify.ts';

const STORAGES = {
  'in a file': (t: TestContext) => faultyStorage(fileStorage(temporaryLog(t))),
  'in memory': () => faultyStorage(),
} as const;

interface Given {
  readonly storage: FaultyStorage;
  readonly open: () => OpenedLog;
  /** Versions of all streams; and that chain, tables and projections agree. */
  readonly seen: (log: OpenedLog) => Readonly<Record<string, number>>;
}

function seen(log: OpenedLog): Readonly<Record<string, number>> {
  const verified = verifyDatabase(log.reader);
  assert.deepEqual(verified, { ok: true, facts: log.head().position, hash: log.head().hash });
  const counted = log.reader.prepare('SELECT coalesce(sum(facts), 0) FROM p_counts').pluck().get();
  assert.equal(counted, log.head().position);
  return Object.fromEntries(log.states('', true).map(({ stream, version }) => [stream, version]));
}

/** Runs the test on each storage; what is open at its end is closed. */
function everywhere(name: string, body: (given: Given) => Promise<void>): void {
  for (const [where, make] of Object.entries(STORAGES)) {
    test(`${name} (${where})`, async (t) => {
      const storage = make(t);
      const open = () => openOn(storage, { projections: [countingProjection()] });
      try {
        await body({ storage, open, seen });
      } finally {
        storage.crash();
      }
    });
  }
}

const secret = { salt: '00ff', value: 'password', digest: secretDigest('00ff', 'password') };
const claim = { kind: 'name', key: 'web' };
/** Touches every table: two streams, a claim, an agenda row, a secret. */
const whole = (stream: string, expect: number): readonly NewFact[] => [
  fact(stream, expect, { take: [claim], effects: [{ type: 'work', params: {} }] }),
  fact(`${stream}/child`, expect),
];

const FAULTS: readonly { readonly fault: Fault; readonly told: string }[] = (
  ['begin', 'row', 'commit'] as const
).flatMap((at) => [
  { fault: { at, code: 'SQLITE_FULL' }, told: 'disk-full' },
  { fault: { at, code: 'SQLITE_IOERR_WRITE' }, told: 'failed' },
  { fault: { at, code: 'SQLITE_IOERR_FSYNC', rolledBack: true }, told: 'failed' },
  { fault: { at, code: 'SQLITE_READONLY' }, told: 'failed' },
  { fault: { at, code: 'SQLITE_CORRUPT' }, told: 'failed' },
  { fault: { at, code: 'SQLITE_FULL', rolledBack: true }, told: 'disk-full' },
]);

for (const { fault, told } of FAULTS) {
  const { at, code, rolledBack = false } = fault;
  const how = rolledBack ? `${code}, rolled back by SQLite,` : code;
  everywhere(`${how} at ${at}: told as ${told}, nothing of it is there`, async (given) => {
    const { storage, open, seen } = given;
    const log = open();
    appended(await log.append([fact('before', 0)]));
    const commits: number[] = [];
    log.onCommit((facts) => commits.push(facts.length));
    storage.fail({ ...fault, times: 1 });
    const results = await Promise.all([
      log.append(whole('a', 0), [secret]),
      log.append([fact('b', 0)]),
    ]);
    for (const result of results) assert.equal(conflictOf(result).kind, told);
    assert.deepEqual(seen(log), { before: 1 });
    assert.deepEqual([log.holder(claim), log.agenda(), commits], [undefined, [], []]);
    assert.equal(log.reveal([secret.digest]).size, 0);
    appended(await log.append(whole('a', 0), [secret]));
    assert.deepEqual(seen(log), { a: 1, 'a/child': 1, before: 1 });
    assert.deepEqual([log.holder(claim), commits], ['a', [2]]);
  });
}

everywhere('a fault that stays is told each time; queries answer meanwhile', async (given) => {
  const { storage, open, seen } = given;
  const log = open();
  appended(await log.append([fact('a', 0)]));
  storage.fail({ at: 'commit', code: 'SQLITE_READONLY' });
  for (const _ of [1, 2, 3]) {
    const conflict = conflictOf(await log.append([fact('a', 1)]));
    const message = 'injected at commit (SQLITE_READONLY)';
    assert.deepEqual(conflict, { kind: 'failed', message });
    assert.equal(log.read(0).length, 1);
    assert.equal(log.state('a')?.version, 1);
  }
  storage.calm();
  appended(await log.append([fact('a', 1)]));
  assert.deepEqual(seen(log), { a: 2 });
});

everywhere('a rollback that fails is made good before the next append', async (given) => {
  const { storage, open, seen } = given;
  const log = open();
  storage.fail({ at: 'commit', code: 'SQLITE_IOERR_WRITE', times: 1 });
  storage.fail({ at: 'rollback', code: 'SQLITE_IOERR_WRITE', times: 1 });
  assert.equal(conflictOf(await log.append([fact('a', 0)])).kind, 'failed');
  assert.equal(conflictOf(await log.append([fact('a', 0)])).kind, 'failed');
  appended(await log.append([fact('b', 0)]));
  assert.deepEqual(seen(log), { b: 1 });
});

everywhere('a read that fails throws, and the next one answers', async ({ storage, open }) => {
  const log = open();
  for (const stream of ['a', 'b']) appended(await log.append([fact(stream, 0)]));
  storage.fail({ at: 'read', code: 'SQLITE_IOERR_READ', times: 1 });
  assert.throws(() => log.read(0), { code: 'SQLITE_IOERR_READ' });
  assert.equal(log.read(0).length, 2);
});

everywhere('on a full disk the reserve makes room, and is made again with space', async (given) => {
  const { storage, open, seen } = given;
  const log = open();
  storage.fillDisk();
  assert.equal(conflictOf(await log.append([fact('a', 0)])).kind, 'disk-full');
  assert.equal(log.releaseReserve(), true);
  appended(await log.append([fact('a', 0)]));
  assert.equal(log.releaseReserve(), false);
  assert.equal(log.restoreReserve(), false);
  storage.calm();
  assert.equal(log.restoreReserve(), true);
  assert.deepEqual(seen(log), { a: 1 });
});

everywhere('on a slow disk queries answer, and nothing is told before it is durable', async (g) => {
  const { storage, open, seen } = g;
  const log = open();
  appended(await log.append([fact('a', 0)]));
  const waiting: (() => void)[] = [];
  storage.slow((write) => void waiting.push(write));
  const told: string[] = [];
  const appends = [fact('a', 1), fact('b', 0)].map((one) =>
    log.append([one]).then(() => told.push(one.stream)),
  );
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([told, log.read(0).length, log.head().position], [[], 1, 1]);
  assert.equal(waiting.length, 1);
  waiting[0]?.();
  await Promise.all(appends);
  assert.deepEqual([told, seen(log)], [['a', 'b'], { a: 2, b: 1 }]);
});

everywhere('a crash loses what nobody was told of, and nothing else', async (given) => {
  const { storage, open, seen } = given;
  const log = open();
  appended(await log.append(whole('told', 0), [secret]));
  storage.slow(() => undefined);
  const told: unknown[] = [];
  void log.append([fact('lost', 0)]).then((result) => told.push(result));
  await new Promise((resolve) => setImmediate(resolve));
  storage.crash();
  const again = open();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, []);
  assert.deepEqual(seen(again), { told: 1, 'told/child': 1 });
  assert.equal(again.reveal([secret.digest]).get(secret.digest), secret.value);
  appended(await again.append([fact('lost', 0)]));
  assert.deepEqual(seen(again), { lost: 1, told: 1, 'told/child': 1 });
});

everywhere('a crash in the same turn as the append loses it silently', async (given) => {
  const { storage, open, seen } = given;
  const log = open();
  const told: unknown[] = [];
  void log.append([fact('lost', 0)]).then((result) => told.push(result));
  storage.crash();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, []);
  assert.deepEqual(seen(open()), {});
});
