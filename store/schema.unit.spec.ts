/** The drawing is the schema, versions are law, and a fact row cannot be changed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import Sqlite from 'better-sqlite3';
import {
  appended,
  countingProjection,
  fact,
  openTestLog,
  stillClock,
  tamper,
  temporaryLog,
} from './log.fixture.ts';
import { LogTooNewError, NotALogError } from './log.ts';
import { currentVersion, migrate, migrations, readMeta } from './migrations.ts';
import { verifyLog } from './verify.ts';

type Drawing = Record<string, string[]>;

/** Tables and their columns as the head comment of schema.ts draws them. */
function drawnTables(): Drawing {
  const source = readFileSync(new URL('./schema.ts', import.meta.url), 'utf8');
  const tables: Drawing = {};
  let columns: string[] = [];
  for (const line of source.slice(0, source.indexOf('*/')).split('\n')) {
    const table = /^ \* ([a-z]+) {2,}/.exec(line)?.[1];
    const column = /^ \* [├└]─ (\w+) +(TEXT|INTEGER|BLOB)( NULL)?/.exec(line);
    if (table !== undefined) {
      columns = [];
      tables[table] = columns;
    }
    if (column !== null) columns.push(`${column[1]} ${column[2]}${column[3] ?? ''}`);
  }
  return tables;
}

/** The same of a real log. */
function realTables(path: string): Drawing {
  const db = new Sqlite(path, { readonly: true });
  const names = db
    .prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table'")
    .pluck()
    .all();
  const describe = db.prepare<
    [string],
    { name: string; type: string; notnull: number; pk: number }
  >('SELECT name, type, "notnull", pk FROM pragma_table_info(?)');
  const tables: Drawing = {};
  for (const name of names) {
    tables[name] = describe
      .all(name)
      .map((one) => `${one.name} ${one.type}${one.notnull + one.pk > 0 ? '' : ' NULL'}`);
  }
  db.close();
  return tables;
}

test('the drawing in schema.ts is the schema of a new log', (t) => {
  const path = temporaryLog(t);
  openTestLog(path).close();
  assert.deepEqual(drawnTables(), realTables(path));
});

test('every table is strict', (t) => {
  const path = temporaryLog(t);
  openTestLog(path).close();
  const db = new Sqlite(path, { readonly: true });
  t.after(() => db.close());
  const loose = "SELECT name FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite_%'";
  assert.deepEqual(db.prepare(loose).all(), []);
});

test('migrations are ordered, one a version, from 1 on', () => {
  assert.deepEqual(
    migrations.map(({ version }) => version),
    migrations.map((_, index) => index + 1),
  );
  assert.equal(currentVersion(), migrations.length);
});

for (const { version } of migrations) {
  test(`a log of schema version ${version} opens, migrates, reads and verifies`, async (t) => {
    const path = temporaryLog(t);
    const dump = new URL(`./fixtures/v${version}.db.sql`, import.meta.url);
    new Sqlite(path).exec(readFileSync(dump, 'utf8')).close();
    const log = openTestLog(path, { projections: [countingProjection(2)] });
    assert.equal(log.logId, `fixture-v${version}`);
    assert.deepEqual(
      log.read(0).map(({ stream, type }) => [stream, type]),
      [
        ['daemon', 'daemon.started'],
        ['container/a', 'container.create-requested'],
        ['container/a', 'container.created'],
        ['container/b', 'container.create-requested'],
      ],
    );
    assert.equal(log.holder({ kind: 'name', key: 'web' }), 'container/a');
    assert.deepEqual(
      log.agenda().map(({ id, type }) => [id, type]),
      [
        ['2.1', 'timer'],
        ['4.0', 'root.prepare'],
      ],
    );
    const [digest = ''] = log.reader
      .prepare<[], string>('SELECT digest FROM secrets')
      .pluck()
      .all();
    assert.equal(log.reveal([digest]).get(digest), 'TOKEN=s3cret');
    const counts = 'SELECT type, facts FROM p_counts ORDER BY type';
    assert.deepEqual(log.reader.prepare(counts).raw().all(), [
      ['container.create-requested', 2],
      ['container.created', 1],
      ['daemon.started', 1],
    ]);
    appended(await log.append([fact('container/a', 2)]));
    log.close();
    assert.equal(verifyLog(path).ok, true);
  });
}

test('an older log gets each later migration once, and keeps its id and facts', async (t) => {
  const path = temporaryLog(t);
  const log = openTestLog(path);
  appended(await log.append([fact('a', 0)]));
  log.close();
  const next = {
    version: migrations.length + 1,
    statements: ['CREATE TABLE later (x TEXT) STRICT'],
  };
  const db = new Sqlite(path);
  t.after(() => db.close());
  for (let round = 0; round < 2; round += 1) {
    const newLogId = () => assert.fail('the log has an id');
    migrate({ db, clock: stillClock, newLogId, steps: [...migrations, next] });
  }
  assert.equal(readMeta(db, 'schema'), String(next.version));
  assert.equal(readMeta(db, 'log-id'), 'log-of-a-test');
  assert.equal(db.prepare('SELECT count(*) FROM facts').pluck().get(), 1);
});

test('a failing migration leaves the log at the version it had', (t) => {
  const path = temporaryLog(t);
  openTestLog(path).close();
  const db = new Sqlite(path);
  t.after(() => db.close());
  const statements = ['CREATE TABLE later (x TEXT) STRICT', 'nonsense'];
  const next = { version: migrations.length + 1, statements };
  const newLogId = () => 'unused';
  assert.throws(() => migrate({ db, clock: stillClock, newLogId, steps: [...migrations, next] }));
  assert.equal(readMeta(db, 'schema'), String(currentVersion()));
  openTestLog(path).close();
});

for (const key of ['schema', 'format']) {
  test(`a log whose ${key} is newer is refused with a hint, and left alone`, (t) => {
    const path = temporaryLog(t);
    openTestLog(path).close();
    tamper(path, `UPDATE meta SET value = '99' WHERE key = '${key}'`);
    const before = readFileSync(path);
    const refusal = (error: unknown) =>
      error instanceof LogTooNewError &&
      error.found === 99 &&
      /upgrade shiplog/.test(error.message);
    assert.throws(() => openTestLog(path), refusal);
    assert.throws(() => verifyLog(path), refusal);
    assert.deepEqual(readFileSync(path), before);
  });
}

test('a database that is no log is refused and left alone', (t) => {
  const path = temporaryLog(t);
  new Sqlite(path).exec('CREATE TABLE other (x)').close();
  const before = readFileSync(path);
  assert.throws(() => openTestLog(path), NotALogError);
  assert.deepEqual(readFileSync(path), before);
});

test('a fact row cannot be changed, deleted, replaced, or put but at the end', async (t) => {
  const path = temporaryLog(t);
  const log = openTestLog(path);
  appended(await log.append([fact('a', 0), fact('a', 1)]));
  log.close();
  const db = new Sqlite(path);
  t.after(() => db.close());
  const copy = (position: number) =>
    `facts SELECT ${position}, stream, version + 10, type, data, state, digest, effects, answers,
     claims, cause, caller, at_ns, revision, hash FROM facts WHERE position = 1`;
  const forbidden = [
    ["UPDATE facts SET data = '{}' WHERE position = 1", /never changed/],
    ['DELETE FROM facts WHERE position = 2', /never deleted/],
    [`INSERT OR REPLACE INTO ${copy(2)}`, /only added at the end/],
    [`INSERT INTO ${copy(4)}`, /only added at the end/],
  ] as const;
  for (const [sql, message] of forbidden) assert.throws(() => db.exec(sql), message, sql);
});
