/** What a container waits for, as its agenda says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OpenRow, waitingOf } from './container.waiting.ts';

function row(type: string, more: Partial<OpenRow> = {}): OpenRow {
  return { type, key: null, openedNs: 5n, dueNs: null, tries: 0, lastError: null, ...more };
}
const exit = row('task.await-exit', { openedNs: 1n });

test('a container that runs or rests waits for nothing', () => {
  assert.equal(waitingOf('running', [exit]), null);
  assert.equal(waitingOf('exited.clean', []), null);
});

test('the oldest step is what it waits for, with what went wrong so far', () => {
  const clean = row('run.clean', { openedNs: 3n, tries: 4, lastError: 'device busy' });
  const erase = row('container.erase');
  assert.deepEqual(waitingOf('removing.cleaning', [erase, clean]), {
    effect: 'run.clean',
    words: 'what is left of its run to be taken away',
    sinceNs: 3n,
    dueNs: null,
    tries: 4,
    lastError: 'device busy',
  });
});

test('a change of what runs holds up the commands after it', () => {
  const words = ['task.update', 'endpoint.attach', 'endpoint.detach'].map(
    (type) => waitingOf('running', [exit, row(type)])?.words,
  );
  assert.deepEqual(words, [
    'its limits to be changed',
    'to be plugged into a network',
    'to be unplugged from a network',
  ]);
});

test('between two tries it waits for the time of the next', () => {
  const retry = row('timer', { key: 'retry', dueNs: 9n });
  const { effect, dueNs } = waitingOf('removing.stuck', [retry]) ?? {};
  assert.deepEqual([effect, dueNs], ['timer retry', 9n]);
});

test('a stop without a time limit waits for the end', () => {
  assert.equal(waitingOf('stopping', [exit])?.effect, 'task.await-exit');
  const timer = row('timer', { key: 'stop' });
  assert.equal(waitingOf('stopping', [exit, timer])?.effect, 'timer stop');
});

test('what rides along holds up nothing', () => {
  const rows = [exit, row('timer', { key: 'probe' }), row('exec.await-exit')];
  assert.equal(waitingOf('running', rows), null);
});
