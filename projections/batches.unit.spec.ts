/** How facts are parted into batches, and which come again, changes nothing in the tables. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import fc from 'fast-check';
import type { JsonValue } from '../machines/words.ts';
import { PROJECTIONS } from './all.ts';
import { CONTAINER_ANSWERS_FOLD, openContainerQueries } from './containerQueries.ts';
import { createData, dump, exitData, timeOf } from './folding.fixture.ts';
import type { FoldedFact } from './projection.ts';

type Told = readonly [type: string, data: JsonValue, state: JsonValue];

const endpoint = { network: 'bridge', name: 'bridge', driver: 'bridge', addresses: [] };
const CONTAINER: readonly Told[] = [
  ['container.create-requested', createData('c', 'web', { Labels: { a: '1' } }), 'creating'],
  ['container.created', { snapshotter: 'overlayfs' }, { created: 'clean' }],
  ['container.create-failed', { message: 'no space' }, { removing: 'erasing' }],
  ['container.start-requested', { run: 1, policy: false, endpoints: [endpoint] }, 'starting'],
  ['container.start-requested', { run: 2, policy: true }, 'starting'],
  ['container.started', { run: 1, pid: 77, restart: false, atNs: null }, 'running'],
  ['container.start-failed', { run: 1, message: 'no runc', exitCode: 127 }, { exited: 'cleaning' }],
  ['container.oom-killed', { run: 1, kills: 1 }, 'running'],
  ['container.paused', { run: 1 }, 'paused'],
  ['container.unpaused', { run: 1 }, 'running'],
  ['container.exited', exitData({ next: { inMs: 100, count: 3 } }), { restarting: 'cleaning' }],
  [
    'container.exited',
    exitData({ code: null, oomKilled: true, atNs: '9' }),
    { exited: 'cleaning' },
  ],
  ['container.updated', { labels: { a: null, b: '2' } }, 'running'],
  ['container.updated', { resources: { Memory: 7 }, restartPolicy: { Name: 'always' } }, 'running'],
  ['container.renamed', { name: 'other', oldName: 'web' }, 'running'],
  ['container.attachment-added', { attachment: { network: 'n' } }, { created: 'clean' }],
  ['container.disconnected', { run: 1, network: 'bridge' }, 'running'],
  ['container.remove-requested', { reason: 'caller', force: true, volumes: false }, 'removing'],
  ['container.remove-failed', { message: 'busy' }, { removing: 'stuck' }],
  ['container.removed', { volumes: [{ name: 'v', incarnation: 1 }] }, 'removed'],
];
const EXEC: readonly Told[] = [
  ['exec.created', { execId: 'e', container: 'a', run: 1, config: { Cmd: ['x'] } }, 'created'],
  ['exec.started', { pid: 5 }, 'running'],
  ['exec.exited', { code: 3 }, 'exited'],
];
const HEALTH: readonly Told[] = [
  ['health.watched', {}, 'starting'],
  ['health.passed', { status: 'healthy' }, 'healthy'],
  ['health.failed', { status: 'unhealthy', streak: 2 }, 'unhealthy'],
  ['health.suspended', {}, 'suspended'],
];
/** Before every container that has it. */
const VOLUME = {
  stream: 'volume/v#1',
  type: 'volume.create-requested',
  data: { name: 'v', incarnation: 1 },
  state: 'creating',
} as const;
const OTHER: readonly (readonly [stream: string, ...Told])[] = [
  ['volume/v#1', 'volume.created', {}, 'present'],
  ['network/n', 'network.create-requested', { id: 'n', name: 'net' }, 'creating'],
  ['network/n', 'network.created', {}, 'active'],
];

const of = (streams: readonly string[], told: readonly Told[]) =>
  fc
    .tuple(fc.constantFrom(...streams), fc.constantFrom(...told))
    .map(([stream, [type, data, state]]) => ({ stream, type, data, state }));

const life = fc
  .array(
    fc.oneof(
      { arbitrary: of(['container/a', 'container/b'], CONTAINER), weight: 6 },
      of(['exec/a/e'], EXEC),
      of(['health/a/1', 'health/a/2'], HEALTH),
      fc
        .constantFrom(...OTHER)
        .map(([stream, type, data, state]) => ({ stream, type, data, state })),
    ),
    { maxLength: 60 },
  )
  .map((told) =>
    [VOLUME, ...told].map((one, index): FoldedFact => {
      return { ...one, position: index + 1, atNs: timeOf(index + 1) };
    }),
  );

function folded(batches: readonly (readonly FoldedFact[])[]): unknown {
  const db = new BetterSqlite3(':memory:');
  for (const { schema } of PROJECTIONS) for (const statement of schema) db.exec(statement);
  const folds = PROJECTIONS.map((one) => one.prepare(db));
  for (const batch of batches) for (const fold of folds) fold(batch);
  const tables = dump(db);
  db.close();
  return tables;
}

/** Each batch begins at most `again` facts before the end of the one before. */
function parted(facts: readonly FoldedFact[], sizes: readonly number[], again: number) {
  const batches: FoldedFact[][] = [];
  for (let from = 0, at = 0; from < facts.length; at += 1) {
    const to = from + (sizes[at % sizes.length] ?? 1);
    batches.push(facts.slice(Math.max(0, from - again), to));
    from = to;
  }
  return batches;
}

test('in batches of any size, and one by one, the tables are the same', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(life, sizes, fc.nat({ max: 5 }), (facts, cuts, again) => {
      const oneByOne = folded(facts.map((fact) => [fact]));
      assert.deepEqual(folded([facts]), oneByOne);
      assert.deepEqual(folded(parted(facts, cuts, again)), oneByOne);
    }),
    { numRuns: 60 },
  );
});

test('an answer about a container changes only with facts of those kinds that it names', () => {
  fc.assert(
    fc.property(life, (facts) => {
      const db = new BetterSqlite3(':memory:');
      for (const { schema } of PROJECTIONS) for (const statement of schema) db.exec(statement);
      const folds = PROJECTIONS.map((one) => one.prepare(db));
      const { get, resolve } = openContainerQueries(db);
      const asked = () => ['a', 'b', 'web', 'other'].map((ref) => [get(ref), resolve(ref)]);
      let before = asked();
      for (const fact of facts) {
        for (const fold of folds) fold([fact]);
        const after = asked();
        const named = CONTAINER_ANSWERS_FOLD.some((one) => fact.type.startsWith(one));
        if (!named) assert.deepEqual(after, before);
        before = after;
      }
      db.close();
    }),
    { numRuns: 60 },
  );
});

test('what a batch that failed has changed is forgotten', () => {
  const db = new BetterSqlite3(':memory:');
  for (const { schema } of PROJECTIONS) for (const statement of schema) db.exec(statement);
  const [fold] = PROJECTIONS.map((one) => one.prepare(db));
  assert.ok(fold);
  const [type = '', data = null, state = null] = CONTAINER[0] ?? [];
  const fact = { stream: 'container/a', type, data, state, position: 1, atNs: timeOf(1) };
  const broken = { ...fact, position: 2, type: 'container.exited', data: null };
  assert.throws(() => fold([fact, broken]));
  assert.equal(db.prepare('SELECT count(*) FROM p_containers').pluck().get(), 0);
  fold([fact]);
  assert.equal(db.prepare('SELECT count(*) FROM p_containers').pluck().get(), 1);
  db.close();
});
