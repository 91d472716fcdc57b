/**
 * Forgeries that keep the chain whole, as one who knows the format would write them: what the
 * store's verification can not see, machines and read models find.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { containerFamily } from '../../machines/container.family.ts';
import { commands } from '../../machines/samples.fixture.ts';
import { PROJECTIONS } from '../../projections/all.ts';
import { rechain, tamper } from '../../store/log.fixture.ts';
import { openLog } from '../../store/log.ts';
import { verifyLog } from '../../store/verify.ts';
import { Harness, ok } from '../../test/actors/harness.ts';
import { verifyWhole } from './verify.ts';

let harness: Harness;
before(async () => {
  harness = new Harness({ 'root.prepare': () => ok({ snapshotter: 'overlayfs' }) });
  const origin = { request: 'r', caller: { kind: 'daemon' as const }, deadlineMs: 1_000 };
  const command = commands['create'];
  assert.ok(command);
  await harness.system.submit(containerFamily, command, origin);
  const clock = { nowNs: () => 1n };
  const path = join(harness.directory, 'log.db');
  openLog({ path, clock, projections: PROJECTIONS, newLogId: () => 'x' }).close();
});
after(() => harness.close());

let copies = 0;

function outcome(forge: (path: string) => void): string {
  copies += 1;
  const path = join(harness.directory, `copy-${copies}.db`);
  const source = new Sqlite(join(harness.directory, 'log.db'), { readonly: true });
  source.exec(`VACUUM INTO '${path}'`);
  source.close();
  forge(path);
  const steps = verifyWhole(path);
  for (;;) {
    const step = steps.next();
    if (step.done !== true) continue;
    const { value } = step;
    return value.ok ? 'whole' : `${value.table} ${value.row}: ${value.problem}`;
  }
}

test('as it was written it is whole', () => {
  assert.equal(
    outcome(() => undefined),
    'whole',
  );
});

test('another state in a row, with the chain and the tables written anew', () => {
  const found = outcome((path) => {
    tamper(path, `UPDATE facts SET state = '"running"' WHERE position = 2`);
    tamper(path, `UPDATE streams SET value = '"running"' WHERE position = 2`);
    rechain(path);
    assert.equal(verifyLog(path).ok, true, 'the chain alone does not see it');
  });
  assert.match(found, /^facts 2: it folds to something else: state .*, recorded "running"$/);
});

test('a state that a daemon would go on from, edited beside its value', () => {
  const edit = outcome((path) =>
    tamper(
      path,
      `UPDATE streams SET context = replace(context, '"AutoRemove":false', '"AutoRemove":true')
      WHERE name LIKE 'container/%'`,
    ),
  );
  assert.match(edit, /^streams container\/\w+: its state is not the one that its digest is of$/);
  const over = outcome((path) => tamper(path, 'UPDATE streams SET final = 1 - final'));
  assert.match(over, /^streams \S+: it is said to be over, which is not so$/);
  const broken = outcome((path) => tamper(path, "UPDATE streams SET context = '{'"));
  assert.match(broken, /^streams \S+: its state is not the one/);
  const reordered = outcome((path) => {
    const db = new Sqlite(path);
    const rows = db.prepare<[], [number, string]>('SELECT id, context FROM streams').raw().all();
    for (const [id, context] of rows) {
      const backwards = Object.fromEntries(Object.entries(JSON.parse(context)).toReversed());
      db.prepare('UPDATE streams SET context = ? WHERE id = ?').run(JSON.stringify(backwards), id);
    }
    db.close();
  });
  assert.equal(reordered, 'whole', 'the order of keys says nothing');
});

test('a row of a read model that was edited, deleted or made up', () => {
  const edit = outcome((path) => tamper(path, `UPDATE p_containers SET exit_code = 0`));
  assert.match(edit, /^p_containers [0-9a-f]{64}: exit_code is \["0"\], not \[null\]$/);
  const gone = outcome((path) => tamper(path, 'DELETE FROM p_container_names'));
  assert.match(gone, /^p_container_names \w+ 1: is missing$/);
  const made = outcome((path) => tamper(path, "INSERT INTO p_container_runs VALUES ('zz', 1, 1)"));
  assert.equal(made, 'p_container_runs zz 1: no fact explains it');
});

test('read models of another version are not compared', () => {
  const found = outcome((path) => {
    tamper(path, 'UPDATE projections SET version = 0');
    tamper(path, 'UPDATE p_containers SET exit_code = 0');
  });
  assert.equal(found, 'whole');
});
