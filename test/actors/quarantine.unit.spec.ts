/**
 * A row of the log that was damaged or altered while the daemon was away stops the actor that it
 * belongs to, from the start on, and no other; removal by force gets through, and the row is whole
 * again after it.
 */
import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import { States } from '../../actors/states.ts';
import type { ContainerCommand } from '../../machines/container.commands.ts';
import { containerStream, taskStream } from '../../machines/container.decide.ts';
import { containerFamily } from '../../machines/container.family.ts';
import { commands, ID } from '../../machines/samples.fixture.ts';
import type { EffectResult } from '../../machines/words.ts';
import { tamper } from '../../store/log.fixture.ts';
import { Harness, ok, quiet } from './harness.ts';

let harness: Harness;
afterEach(() => harness.close());

const OTHER = 'd'.repeat(64);
const EXIT = { code: 7, atNs: '5', oomKilled: false, outputEnded: true, evidence: 'STOPPED' };

function submit(name: string, change: object = {}) {
  const command = { ...commands[name], ...change } as ContainerCommand;
  const origin = { request: 'r', caller: { kind: 'unix' as const, uid: 0 }, deadlineMs: 60_000 };
  return harness.system.submit(containerFamily, command, origin);
}

/** Two running containers; the process of the first ends when it is killed. */
async function running(): Promise<void> {
  const exit = Promise.withResolvers<EffectResult>();
  const end = (): EffectResult => {
    exit.resolve(ok(EXIT));
    return ok();
  };
  const never = new Promise<EffectResult>(() => undefined);
  harness = new Harness({
    'root.prepare': () => ok({ snapshotter: 'overlayfs' }),
    'task.create': () => ok({ pid: 77, startTime: '4711', bootId: 'b' }),
    'task.start': () => ok({ pid: 77 }),
    'task.await-exit': ({ id }) => (id === ID ? exit.promise : never),
    'task.kill': ({ id }) => (id === ID ? end() : ok()),
    'run.clean': () => ok(),
    'container.erase': () => ok(),
  });
  for (const id of [ID, OTHER]) {
    assert.deepEqual(await submit('create', { id, name: id.slice(0, 3) }), { kind: 'done' });
    assert.deepEqual(await submit('start', { id }), { kind: 'done' });
  }
}

const DAMAGES: Readonly<Record<string, { readonly sql: string; readonly reason: RegExp }>> = {
  'the recorded state is no JSON': {
    sql: `UPDATE streams SET context = '{' WHERE name = '${containerStream(ID)}'`,
    reason: /its row in streams is damaged: /,
  },
  'the recorded state is another': {
    sql: `UPDATE streams SET value = '"exited"' WHERE name = '${containerStream(ID)}'`,
    reason: /its recorded state was altered/,
  },
  'the state of its task is no JSON': {
    sql: `UPDATE streams SET value = '' WHERE name = '${taskStream(ID, 1)}'`,
    reason: /its row in streams is damaged: /,
  },
  'its state and the facts behind it can not be read': {
    sql: `UPDATE streams SET context = '{' WHERE name = '${taskStream(ID, 1)}';
      UPDATE facts SET data = '{' WHERE type = 'task.started' AND stream =
        (SELECT id FROM streams WHERE name = '${taskStream(ID, 1)}')`,
    reason: /its row in streams is damaged: /,
  },
  'what it waits for is no JSON': {
    sql: `UPDATE agenda SET params = '{' WHERE type = 'task.await-exit'
      AND stream = (SELECT id FROM streams WHERE name = '${taskStream(ID, 1)}')`,
    reason: /its row in agenda is damaged: /,
  },
};

for (const [what, { sql, reason }] of Object.entries(DAMAGES)) {
  it(`stops one actor alone when ${what}; forced removal gets through`, async () => {
    await running();
    await harness.crash((path) => tamper(path, sql));
    assert.equal(harness.stopped.length, 1);
    assert.match(harness.stopped[0] ?? '', reason);
    harness.system.start();
    await quiet();
    const refused = await submit('rename', { name: 'new' });
    assert.equal(refused.kind === 'refused' && refused.refusal.kind, 'actor-stopped');
    assert.deepEqual(await submit('rename', { id: OTHER, name: 'new' }), { kind: 'done' });
    const removed = submit('remove -f');
    await harness.time.advance(60_000);
    assert.deepEqual(await removed, { kind: 'done' });
    assert.equal(harness.types(containerStream(ID)).at(-1), 'container.removed');
    assert.equal(harness.log.holder({ kind: 'name', key: 'ccc' }), undefined);
    await harness.crash();
    assert.deepEqual(harness.stopped.slice(1), []);
  });
}

it('keeps an exit that comes while its actor is stopped, and records it at removal', async () => {
  await running();
  const { sql } = DAMAGES['the recorded state is another'] ?? assert.fail();
  await harness.crash((path) => tamper(path, sql));
  harness.system.start();
  await quiet();
  harness.effects['task.kill']?.({ id: ID }, new AbortController().signal);
  await quiet();
  assert.ok(!harness.types(taskStream(ID, 1)).includes('task.exited'));
  const removed = submit('remove -f');
  await harness.time.advance(60_000);
  assert.deepEqual(await removed, { kind: 'done' });
  const facts = harness.log.readStream(taskStream(ID, 1));
  const exit = facts.find(({ type }) => type === 'task.exited');
  assert.equal((exit?.data as { code?: number } | undefined)?.code, 7);
});

it('lets another mailbox read what the facts of a damaged stream fold to', async () => {
  await running();
  const { sql } = DAMAGES['the recorded state is no JSON'] ?? assert.fail();
  await harness.crash((path) => tamper(path, sql));
  const { log } = harness;
  const journal = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const reader = new States('images', { log, journal, families: [containerFamily] });
  assert.equal(reader.current(containerStream(ID))?.state.value, 'running');
  const owner = new States(containerStream(ID), { log, journal, families: [containerFamily] });
  assert.throws(() => owner.current(containerStream(ID)));
  assert.equal(owner.current(containerStream(ID))?.state.value, 'running');
});
