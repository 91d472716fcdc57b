/** What the runtime shows, as observations: running and paused are told, an end is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { livingTasks, observationsOf } from './container.seen.ts';

const seen = ['running', 'paused', 'created', 'unknown', 'stopped', 'absent'].map(
  (status, run) => ({ container: 'c', run, status }),
);

test('a task that runs or is paused is told to its container', () => {
  assert.deepEqual(
    observationsOf(seen).map(({ stream, observation }) => [stream, observation.status]),
    [
      ['container/c', 'running'],
      ['container/c', 'paused'],
    ],
  );
});

test('only a task that is seen to have stopped, or not seen at all, has ended', () => {
  assert.deepEqual([...livingTasks(seen)], ['task/c/0', 'task/c/1', 'task/c/2', 'task/c/3']);
});
