/** A start whose runtime can not be used: on record, and without a run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phaseOf } from './container.decide.ts';
import { Created, STREAM } from './running.fixture.ts';
import { commands, ID } from './samples.fixture.ts';

const unusable = { message: 'unknown or invalid runtime name: gone', exitCode: 128 };
const start = { type: 'start', id: ID, runtime: { unusable } };
const when = (created: Created, command: unknown): readonly string[] =>
  created.when({ kind: 'command', command: command as never });
const context = (created: Created) => Object(created.states.get(STREAM)?.context);

test('it is kept as a failure, no run is begun, and it stays startable', () => {
  const created = new Created();
  assert.deepEqual(when(created, start), ['container.start-refused']);
  assert.deepEqual(created.effects, []);
  assert.equal(phaseOf(created.states.get(STREAM)), 'created.clean');
  assert.deepEqual([context(created).run, context(created).lastFailure], [0, unusable]);
  assert.deepEqual(when(created, commands['start']), ['container.start-requested']);
});

test('one that removes itself goes, as after any failed start', () => {
  const created = new Created({ AutoRemove: true });
  const told = ['container.start-refused', 'container.remove-requested'];
  assert.deepEqual(when(created, start), told);
});
