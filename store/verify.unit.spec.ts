/** Whatever is changed in the file afterwards is found, at the first bad row. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { appended, fact, openTestLog, rechain, tamper, temporaryLog } from './log.fixture.ts';
import { secretDigest } from './secrets.ts';
import { type Verification, verifyLog } from './verify.ts';

const SECRET = { salt: '00', value: 'v', digest: secretDigest('00', 'v') };

/** A closed log of six facts with claims, agenda rows and a secret; path and hash of its head. */
async function sixFacts(t: TestContext) {
  const path = temporaryLog(t);
  const log = openTestLog(path);
  const effects = [{ type: 'work', params: { x: 1 } }];
  const name = { kind: 'name', key: 'web' };
  appended(await log.append([fact('a', 0, { take: [name], effects })], [SECRET]));
  appended(await log.append([fact('a', 1, { answers: ['1.0'] }), fact('b', 0, { effects })]));
  appended(await log.append([fact('b', 1, { data: { text: '\ufffd' } }), fact('a', 2)]));
  appended(await log.append([fact('c', 0, { final: true })]));
  const { hash } = log.head();
  log.close();
  return { path, hash };
}

function firstBad(result: Verification): string {
  return result.ok ? 'whole' : `${result.table} ${result.row}`;
}

test('a log as it was written is whole, and says its size and head', async (t) => {
  const { path, hash } = await sixFacts(t);
  assert.deepEqual(verifyLog(path), { ok: true, facts: 6, hash });
  assert.equal(verifyLog(path, { position: 6, hash }).ok, true);
});

test('an empty log is whole', (t) => {
  const path = temporaryLog(t);
  openTestLog(path).close();
  assert.deepEqual(verifyLog(path), { ok: true, facts: 0, hash: '0'.repeat(64) });
});

const chained: readonly (readonly [column: string, value: string])[] = [
  ['version', 'version + 100'],
  ['type', "'x'"],
  ['data', `'{"n": 2}'`],
  ['state', '\'"there"\''],
  ['digest', "'other'"],
  ['effects', "'[ ]'"],
  ['answers', "'[]'"],
  ['claims', `'{"free":[],"take":[]}'`],
  ['cause', "'null'"],
  ['caller', "'null'"],
  ['at_ns', 'at_ns + 1'],
  ['revision', '2'],
  ['stream', "(SELECT id FROM streams WHERE name = 'c')"],
];
for (const [column, value] of chained) {
  test(`an edit of ${column} is found at its row`, async (t) => {
    const { path } = await sixFacts(t);
    tamper(path, `UPDATE facts SET ${column} = ${value} WHERE position = 2`);
    assert.equal(firstBad(verifyLog(path)), 'facts 2');
  });
}

test('bytes that decode to the same text are not the same', async (t) => {
  const { path } = await sixFacts(t);
  const swap = `replace(CAST(data AS BLOB), CAST(char(0xfffd) AS BLOB), x'ff')`;
  tamper(path, `UPDATE facts SET data = CAST(${swap} AS TEXT) WHERE position = 4`);
  assert.equal(firstBad(verifyLog(path)), 'facts 4');
});

const MOVE = 'UPDATE facts SET position = ';
const edits: readonly (readonly [what: string, sql: string, found: string])[] = [
  ['a deleted row', 'DELETE FROM facts WHERE position = 3', 'facts 4'],
  [
    'a deleted row with the gap closed',
    `DELETE FROM facts WHERE position = 3; ${MOVE}3 WHERE position = 4;
     ${MOVE}4 WHERE position = 5; ${MOVE}5 WHERE position = 6`,
    'facts 3',
  ],
  [
    'two swapped rows',
    `${MOVE}99 WHERE position = 3; ${MOVE}3 WHERE position = 4; ${MOVE}4 WHERE position = 99`,
    'facts 3',
  ],
  [
    'an inserted row',
    `${MOVE}99 WHERE position = 6;
     INSERT INTO facts SELECT 6, stream, version + 1, type, data, state, digest, effects, answers,
     claims, cause, caller, at_ns + 1, revision, hash FROM facts WHERE position = 5`,
    'facts 6',
  ],
  ['a renamed stream', "UPDATE streams SET name = 'z' WHERE name = 'b'", 'facts 3'],
  ['a stream whose row is gone', "DELETE FROM streams WHERE name = 'b'", 'facts 3'],
  ['a cut at the end', 'DELETE FROM facts WHERE position = 6', 'streams c'],
  ['a version taken back', "UPDATE streams SET version = 1 WHERE name = 'b'", 'streams b'],
  ['a stream of another fact', "UPDATE streams SET position = 1 WHERE name = 'b'", 'streams b'],
  [
    'a stream made up',
    `INSERT INTO streams SELECT 99, 'z', version, position, value, context, digest, revision, final
       FROM streams WHERE name = 'b'`,
    'streams z',
  ],
  ['an edited state', "UPDATE streams SET value = '0' WHERE name = 'b'", 'streams b'],
  ['a claim given away', 'UPDATE claims SET stream = 2', 'claims name web'],
  ['a claim made up', "INSERT INTO claims VALUES ('port', '80', 1, 1)", 'claims port 80'],
  ['a claim dropped', 'DELETE FROM claims', 'claims name web'],
  ['an agenda row dropped', 'DELETE FROM agenda', 'agenda 3.0'],
  ['an agenda row edited', "UPDATE agenda SET params = '{}'", 'agenda 3.0'],
  ['a secret edited', "UPDATE secrets SET value = 'w'", `secrets ${SECRET.digest}`],
];
for (const [what, sql, found] of edits) {
  test(`${what} is found`, async (t) => {
    const { path } = await sixFacts(t);
    tamper(path, sql);
    assert.equal(firstBad(verifyLog(path)), found);
  });
}

const forgeries: readonly (readonly [what: string, sql: string, found: RegExp])[] = [
  ['a time that stands still', 'at_ns = (SELECT max(at_ns) FROM facts WHERE position = 1)', /time/],
  ['a version out of turn', 'version = 9', /version 9 of a follows version 1/],
  ['an answer to nothing', `answers = '["7.0"]'`, /7\.0, which is not open/],
  ['JSON that is none', "effects = '['", /cannot be read/],
];
for (const [what, change, found] of forgeries) {
  test(`${what} is found even under a correct chain`, async (t) => {
    const { path } = await sixFacts(t);
    tamper(path, `UPDATE facts SET ${change} WHERE position = 2`);
    rechain(path);
    const result = verifyLog(path);
    assert.equal(firstBad(result), 'facts 2');
    assert.match(result.ok ? '' : result.problem, found);
  });
}

test('a key taken from its holder is found even under a correct chain', async (t) => {
  const { path } = await sixFacts(t);
  tamper(
    path,
    `UPDATE facts SET claims = '{"take":[["name","web"]],"free":[]}' WHERE position = 3`,
  );
  rechain(path);
  assert.equal(firstBad(verifyLog(path)), 'facts 3');
});

test('a log written anew, or cut with its tables, is found against a witness alone', async (t) => {
  const { path, hash } = await sixFacts(t);
  tamper(path, `DELETE FROM facts WHERE position = 6; DELETE FROM streams WHERE name = 'c'`);
  assert.equal(firstBad(verifyLog(path)), 'whole');
  assert.equal(firstBad(verifyLog(path, { position: 6, hash })), 'facts 6');
  const other = await sixFacts(t);
  tamper(other.path, `UPDATE facts SET cause = '"forged"' WHERE position = 1`);
  rechain(other.path);
  assert.equal(firstBad(verifyLog(other.path)), 'whole');
  assert.equal(firstBad(verifyLog(other.path, { position: 6, hash })), 'facts 6');
});

test('erasing a secret leaves the log whole, and its bytes nowhere', async (t) => {
  const path = temporaryLog(t);
  const log = openTestLog(path);
  const value = 'a-value-that-stands-out';
  const secret = { salt: '11', value, digest: secretDigest('11', value) };
  appended(await log.append([fact('a', 0, { data: { env: secret.digest } })], [secret]));
  log.eraseSecrets([secret.digest]);
  assert.equal(statSync(`${path}-wal`).size, 0);
  log.close();
  assert.equal(verifyLog(path).ok, true);
  const db = new Sqlite(path);
  t.after(() => db.close());
  assert.equal(db.serialize().includes(value), false);
});
