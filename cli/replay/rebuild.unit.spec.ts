/** Read models that were damaged behind the log's back are put right, also while facts come. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { PROJECTIONS } from '../../projections/all.ts';
import { temporaryLog } from '../../store/log.fixture.ts';
import { type OpenedLog, openLog } from '../../store/log.ts';
import type { Written } from '../../test/bench/life.ts';
import { writtenLives } from '../../test/bench/longLog.ts';
import { type Rebuilt, rebuildBeside } from './rebuild.ts';

interface World {
  readonly log: OpenedLog;
  readonly path: string;
  readonly target: string;
  append(lives: readonly Written[]): Promise<void>;
  /** As somebody else would, with a connection of his own. */
  damage(sql: string): void;
}

function open(t: TestContext): World {
  const path = temporaryLog(t);
  const clock = { nowNs: () => 1n };
  const log = openLog({ path, clock, projections: PROJECTIONS, newLogId: () => 'x' });
  t.after(() => log.close());
  return {
    log,
    path,
    target: `${path}.rebuilt`,
    async append(lives) {
      const results = lives.map(({ facts, secrets }) => log.append(facts, secrets));
      for (const { ok } of await Promise.all(results)) assert.ok(ok);
    },
    damage(sql) {
      const db = new Sqlite(path);
      db.exec(sql);
      db.close();
    },
  };
}

function compared({ path, target }: World): Rebuilt {
  const steps = rebuildBeside(path, target);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

const counted = ({ log }: World): unknown =>
  log.reader.prepare('SELECT count(*), max(position), min(name) FROM p_containers').raw().get();

test('what nobody has touched is right, and no file is written', async (t) => {
  const world = open(t);
  await world.append(writtenLives(300));
  const { rows, position } = compared(world);
  assert.deepEqual([rows, position], [0, world.log.head().position]);
  assert.equal(existsSync(world.target), false);
});

test('rows that were changed, lost or made up are put right while facts come', async (t) => {
  const world = open(t);
  const lives = writtenLives(900);
  const half = Math.floor(lives.length / 2);
  await world.append(lives.slice(0, half));
  world.damage(`UPDATE p_containers SET name = 'wrong', position = 1, run = 7;
    DELETE FROM p_container_documents; UPDATE p_container_networks SET run = 9;
    INSERT INTO p_container_runs VALUES ('made up', 1, 1)`);
  const found = compared(world);
  assert.equal(found.rows > 50, true);
  assert.match(found.first[0]?.problem ?? '', /^is missing$/);
  const before = world.log.views();
  let next = half;
  for (const _ of world.log.repair(world.target, found.position)) {
    await world.append(lives.slice(next, next + 9));
    next += 9;
  }
  assert.ok(world.log.views() > before + (world.log.head().position - found.position));
  await world.append(lives.slice(next));
  rmSync(world.target);
  assert.equal(compared(world).rows, 0);
  assert.match(JSON.stringify(counted(world)), /"job_0"/);
});

test('a repair that is broken off leaves the rest as it was, and can be done again', async (t) => {
  const world = open(t);
  await world.append(writtenLives(300));
  world.damage('DELETE FROM p_container_documents; DELETE FROM p_container_runs');
  const { position, rows } = compared(world);
  for (const _ of world.log.repair(world.target, position)) break;
  rmSync(world.target);
  const again = compared(world);
  assert.ok(again.rows > 0 && again.rows < rows, `${again.rows} of ${rows}`);
  for (const _ of world.log.repair(world.target, again.position));
  rmSync(world.target);
  assert.equal(compared(world).rows, 0);
});

test('a log whose read models lack a table is opened with all of them anew', async (t) => {
  const world = open(t);
  await world.append(writtenLives(100));
  const before = counted(world);
  world.log.close();
  world.damage('DROP TABLE p_containers');
  const clock = { nowNs: () => 1n };
  const { path } = world;
  const log = openLog({ path, clock, projections: PROJECTIONS, newLogId: () => 'x' });
  t.after(() => log.close());
  assert.deepEqual(counted({ ...world, log }), before);
});
