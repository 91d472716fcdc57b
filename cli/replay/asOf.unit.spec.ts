/** The past is the same whether all facts up to it are folded or those of the lives that matter. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from 'better-sqlite3';
import fc from 'fast-check';
import { PROJECTIONS } from '../../projections/all.ts';
import { openContainerQueries } from '../../projections/containerQueries.ts';
import { createData, exitData } from '../../projections/folding.fixture.ts';
import { memoryStorage } from '../../store/faultyStorage.fixture.ts';
import { appended, fact, openOn } from '../../store/log.fixture.ts';
import type { OpenedLog } from '../../store/log.ts';
import { foldedFacts } from '../../store/rebuild.ts';
import type { Json } from '../../store/types.ts';
import { pastContainer, pastContainers } from './asOf.ts';
import { beside } from './readModels.ts';

const IDS = ['aa1', 'aa2', 'ab1'].map((id) => id.padEnd(64, '0'));
const NAMES = ['web', 'db'];
const REFS = ['web', '/db', 'aa', 'aa1', 'b', IDS[0] ?? '', 'nosuch'];

type Told = readonly [type: string, data: Json, state: Json];
const HAPPENS: readonly Told[] = [
  ['created', { snapshotter: 'overlayfs' }, { created: 'clean' }],
  ['created', { snapshotter: 'native' }, { created: 'clean' }],
  ['create-failed', { message: 'x' }, { removing: 'erasing' }],
  ['started', { run: 1, pid: 7, restart: false, atNs: null }, 'running'],
  ['exited', exitData(), { exited: 'cleaning' }],
  ['remove-requested', { reason: 'caller', force: true, volumes: false }, { removing: 'erasing' }],
  ['removed', {}, 'removed'],
  ...NAMES.map((name): Told => ['renamed', { name, oldName: 'x' }, 'running']),
];

const happening = fc.tuple(
  fc.constantFrom(...IDS),
  fc.constantFrom(...NAMES),
  fc.constantFrom(...HAPPENS),
  fc.nat({ max: 5 }),
);

async function written(
  happened: readonly (readonly [string, string, Told, number])[],
): Promise<OpenedLog> {
  const log = openOn(memoryStorage(), { projections: PROJECTIONS });
  const begun = new Set<string>();
  const gone = new Set<string>();
  const add = async (stream: string, [type, data, state]: Told): Promise<void> => {
    appended(await log.append([fact(stream, log.version(stream), { type, data, state })]));
  };
  for (const [id, name, [type, data, state], chance] of happened) {
    if (gone.has(id)) continue;
    const stream = `container/${id}`;
    if (!begun.has(id)) {
      await add(stream, ['container.create-requested', createData(id, name), 'creating']);
      begun.add(id);
    }
    await add(stream, [`container.${type}`, data, state]);
    if (type === 'removed') gone.add(id);
    if (chance === 0) await add(`health/${id}/1`, ['health.watched', {}, 'starting']);
    if (chance === 1) await add(`task/${id}/1`, ['task.started', {}, 'running']);
  }
  return log;
}

/** With everything up to the position folded. */
function fully(db: Database, position: number) {
  const models = beside();
  for (const batch of foldedFacts(db, undefined, undefined, { to: position })) models.fold(batch);
  const queries = openContainerQueries(models.db);
  const found = REFS.map((ref) => {
    const resolution = queries.resolveEver(ref);
    const details = resolution.kind === 'found' ? queries.get(resolution.id) : undefined;
    if (resolution.kind === 'ambiguous') return 'ambiguous';
    return details ?? 'none';
  });
  const list = queries.list();
  models.close();
  return { list, found };
}

function end<R>(steps: Generator<number, R>): R {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function byLives(db: Database, position: number) {
  const found = REFS.map((ref) => {
    const past = end(pastContainer(db, position, ref));
    return past.kind === 'found' ? past.found.details : past.kind;
  });
  return { list: end(pastContainers(db, position)), found };
}

test('whatever happened, each moment is told as if all were folded', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 12 }), async (happened) => {
      const log = await written(happened);
      const head = log.head().position;
      for (let position = 0; position <= head; position += 1 + Math.floor(head / 5)) {
        assert.deepEqual(byLives(log.reader, position), fully(log.reader, position));
      }
      log.close();
    }),
    { numRuns: 12 },
  );
});

test('what belongs to the container comes along, up to the moment and in order', async () => {
  const id = IDS[0] ?? '';
  const running = HAPPENS[3] ?? assert.fail();
  const log = await written([
    [id, 'web', HAPPENS[0] ?? running, 5],
    [id, 'web', running, 1],
    [id, 'web', HAPPENS[4] ?? running, 5],
  ]);
  const past = end(pastContainer(log.reader, 4, 'web'));
  assert.ok(past.kind === 'found');
  assert.deepEqual(
    past.found.facts.map(({ position, type }) => `${position} ${type}`),
    [
      '1 container.create-requested',
      '2 container.created',
      '3 container.started',
      '4 task.started',
    ],
  );
  log.close();
});
