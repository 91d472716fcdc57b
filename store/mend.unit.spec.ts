/** Rows that follow from the facts are written anew as they were; the facts stay as they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appended, fact, openTestLog, tamper, temporaryLog } from './log.fixture.ts';
import { verifyLog } from './verify.ts';

test('damaged snapshots and agenda rows are as before, and the log verifies', async (t) => {
  const path = temporaryLog(t);
  const first = openTestLog(path);
  const effects = [
    { type: 'work', params: { n: 1 } },
    { type: 'timer', params: { key: 'k', ms: 5 }, key: 'k', ms: 5 },
  ];
  appended(await first.append([fact('a', 0, { effects }), fact('b', 0), fact('a', 1)]));
  const before = { states: first.states('', true), agenda: first.agenda() };
  first.close();
  tamper(
    path,
    `UPDATE streams SET version = 9, position = 7, value = '{', context = '', final = 1
    WHERE name = 'a'`,
  );
  tamper(path, `UPDATE agenda SET type = 'x', params = '', key = 'y', ms = NULL`);
  assert.equal(verifyLog(path).ok, false);
  const log = openTestLog(path);
  log.mend('a', { context: { count: 2 }, final: false });
  assert.deepEqual({ states: log.states('', true), agenda: log.agenda() }, before);
  appended(await log.append([fact('a', 2)]));
  log.close();
  assert.equal(verifyLog(path).ok, true);
});
