/** What the daemon answers from is put right while it works; a kill in the midst costs nothing. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { writeLongLog } from '../bench/longLog.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { shiplogOf } from '../support/shiplogCommand.ts';

const image = { id: `sha256:${'1'.repeat(64)}`, chainId: `sha256:${'2'.repeat(64)}` };
const nowNs = BigInt(Date.now()) * 1_000_000n;
const daemon = await startLoadedDaemon({
  prepare: async (dataRoot) => {
    const path = join(dataRoot, 'log.db');
    await writeLongLog({ path, facts: 3_000, stopped: 0, nowNs, image });
  },
});
after(() => finish(daemon));
const shiplog = shiplogOf(daemon);

/** By another process, as it were, behind the daemon's back. */
function damage(sql: string): void {
  const db = new Sqlite(join(daemon.dataRoot, 'log.db'), { timeout: 10_000 });
  db.exec(sql);
  db.close();
}

const EVERYTHING = `UPDATE p_containers SET labels = '{}', name = 'wrong';
  DELETE FROM p_container_documents; DELETE FROM p_container_names; DELETE FROM p_container_runs;
  DELETE FROM p_container_networks`;

const names = async (): Promise<string> => {
  const { status, body } = await daemon.request('GET', '/containers/json?all=1');
  assert.equal(status, 200, body);
  return JSON.parse(body)
    .map(({ Names }: { Names: readonly string[] }) => Names[0])
    .sort()
    .join(' ');
};

async function create(name: string): Promise<void> {
  const asked = { Image: 'busybox', Cmd: ['true'] };
  const { status, body } = await daemon.request('POST', `/containers/create?name=${name}`, asked);
  assert.equal(status, 201, body);
}

test('rows that are wrong are put right, while questions are answered and facts come', async () => {
  await create('first');
  assert.equal((await shiplog('rebuild')).code, 0);
  damage(EVERYTHING);
  assert.equal(await names(), '/wrong');
  const over = new AbortController();
  const rebuilt = shiplog('rebuild', '--format', 'json').finally(() => over.abort());
  let asked = 0;
  for (; !over.signal.aborted || asked < 3; asked += 1) {
    await create(`during-${asked}`);
    await names();
  }
  const { code, stdout, stderr } = await rebuilt;
  assert.equal(code, 2, stderr);
  const { rows, first } = JSON.parse(stdout);
  assert.ok(rows > 300, stdout);
  assert.equal(first.length, 20);
  const during = Array.from({ length: asked }, (_, at) => `/during-${at}`);
  assert.equal(await names(), [...during, '/first'].sort().join(' '));
  const again = await shiplog('rebuild');
  assert.match(success(again), /^\d+ facts folded anew: every row was right$/);
  assert.equal((await shiplog('verify')).code, 0);
});

test('killed in the midst, the daemon goes on from what there was', async () => {
  damage(EVERYTHING);
  const broken = shiplog('rebuild');
  await daemon.kill9();
  assert.equal((await broken).code, 1);
  await daemon.restart();
  const left = readdirSync(daemon.dataRoot).filter((name) => name.startsWith('rebuild-'));
  assert.deepEqual(left, []);
  assert.notEqual(await names(), '');
  assert.notEqual((await shiplog('rebuild')).code, 1);
  assert.match(await names(), /\/first/);
  assert.equal((await shiplog('verify')).code, 0);
});
