/** A restart by policy, due while the container that it joins does not run yet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerStream, phaseOf } from './container.decide.ts';
import { Created, STREAM } from './running.fixture.ts';
import { commands } from './samples.fixture.ts';

const DONOR = containerStream('d');
const EXIT = { code: 1, atNs: '0', oomKilled: false, outputEnded: true, evidence: 'read' };
const PROCESS = { pid: 7, startTime: '1', bootId: 'b' };

/** It waits for its restart, and so does the donor. */
function waiting(): Created {
  const joiner = new Created({
    NetworkMode: 'container:d',
    RestartPolicy: { Name: 'always', MaximumRetryCount: 0 },
  });
  joiner.when({ kind: 'command', command: commands['start'] as never });
  joiner.outcome('task.create', PROCESS);
  joiner.outcome('task.start', { pid: 7, atNs: '0' });
  joiner.outcome('task.await-exit', EXIT);
  joiner.outcome('run.clean', {});
  assert.equal(phaseOf(joiner.states.get(STREAM)), 'restarting.waiting');
  joiner.states.set(DONOR, { value: { restarting: 'waiting' }, context: { id: 'd', run: 1 } });
  return joiner;
}

const due = (joiner: Created) =>
  joiner.when({
    kind: 'outcome',
    stream: STREAM,
    effect: { type: 'timer', params: { key: 'restart', ms: 100 } } as never,
    result: { ok: true, data: {} },
  });

test('it is put off until the donor runs', () => {
  const joiner = waiting();
  assert.deepEqual(due(joiner), ['container.restart-postponed']);
  assert.deepEqual(joiner.effects, [{ type: 'timer', params: { key: 'restart', ms: 250 } }]);
  assert.equal(phaseOf(joiner.states.get(STREAM)), 'restarting.waiting');
  joiner.states.set(DONOR, { value: 'running', context: { id: 'd', run: 2 } });
  assert.deepEqual(due(joiner), ['container.start-requested']);
});

test('it is tried all the same after 5 s, and can be called off before', () => {
  const joiner = waiting();
  for (let times = 0; times < 20; times += 1) due(joiner);
  assert.deepEqual(due(joiner), ['container.start-requested']);
  const stopped = waiting();
  due(stopped);
  const facts = stopped.when({ kind: 'command', command: commands['stop'] as never });
  assert.deepEqual(facts, ['container.restart-cancelled']);
});
