/** The boundaries of effects are told in order; an outcome can be waited for by its agenda row. */
import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import { containerStream, taskStream } from '../../machines/container.decide.ts';
import { commands, ID } from '../../machines/samples.fixture.ts';
import type { EffectResult } from '../../machines/words.ts';
import { Harness, ok, quiet } from './harness.ts';

let harness: Harness | undefined;
afterEach(() => {
  harness?.close();
  harness = undefined;
});

const exit = Promise.withResolvers<EffectResult>();
const EXITED = ok({ code: 3, atNs: '5', oomKilled: false, outputEnded: true, evidence: 'STOPPED' });

function opened(): Harness {
  harness = new Harness({
    'root.prepare': () => ok({ snapshotter: 'overlayfs' }),
    'task.create': () => ok({ pid: 77, startTime: '4711', bootId: 'b' }),
    'task.start': () => ok({ pid: 77 }),
    'task.await-exit': () => exit.promise,
    'run.clean': () => ok(),
  });
  return harness;
}

async function submit(to: Harness, name: 'create' | 'start'): Promise<void> {
  const origin = { request: 'r1', caller: { kind: 'unix' as const, uid: 0 }, deadlineMs: 1_000 };
  await to.system.submit(to.container, commands[name] ?? { type: name }, origin);
}

it('tells when an effect begins, is done, and is on record', async () => {
  const world = opened();
  await submit(world, 'create');
  assert.deepEqual(world.boundaries, [
    'root.prepare before',
    'root.prepare after',
    'root.prepare appended',
  ]);
  assert.equal(world.types(containerStream(ID)).at(-1), 'container.created');
});

it('waits until the outcome of a row is on record, also across a crash', async () => {
  const world = opened();
  await submit(world, 'create');
  await submit(world, 'start');
  await world.crash();
  const [wait] = world.log.agendaOf(taskStream(ID, 1));
  assert.equal(wait?.type, 'task.await-exit');
  let closed = false;
  const closing = world.system.closed([wait?.id ?? '', 'not open']).then(() => {
    closed = true;
  });
  world.system.start();
  await quiet();
  assert.equal(closed, false);
  exit.resolve(EXITED);
  await closing;
  assert.ok(world.types(containerStream(ID)).includes('container.exited'));
});
