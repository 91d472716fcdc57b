/** containerd's record, deleted from under a task that runs on: asked for again, once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { taskStream } from './container.decide.ts';
import { Running, STREAM } from './running.fixture.ts';
import { commands, ID, taskFacts } from './samples.fixture.ts';

const lost = (running: Running, run = 1): readonly string[] =>
  running.seen({ type: 'task-seen', container: ID, run, status: 'unrecorded' });

test('it is asked for while the container runs, and the answer changes no state', () => {
  const running = new Running();
  assert.deepEqual(lost(running), ['container.record-lost']);
  assert.deepEqual(
    running.effects.map(({ type }) => type),
    ['run.record'],
  );
  assert.deepEqual(running.outcome('run.record', {}), ['container.record-restored']);
  assert.equal(running.states.get(STREAM)?.value, 'running');
});

test('not of an earlier run, nor while something else is under way', () => {
  const running = new Running();
  assert.deepEqual(lost(running, 2), []);
  running.when({ kind: 'command', command: commands['pause'] as never });
  assert.deepEqual(lost(running), []);
});

test('an exit makes it pointless', () => {
  const running = new Running();
  lost(running);
  const exit = taskFacts.find(({ type }) => type === 'task.exited')?.data ?? {};
  assert.deepEqual(running.outcome('task.await-exit', exit), ['task.exited', 'container.exited']);
  assert.ok(running.states.has(taskStream(ID, 1)));
  const cancelled = running.effects.flatMap(({ type, params }) =>
    type === 'cancel' && 'key' in params ? [params.key] : [],
  );
  assert.ok(cancelled.includes('run.record'));
});
