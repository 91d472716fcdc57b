/** A clean-up that failed is due again after its pause, also when a removal has come meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phaseOf } from './container.decide.ts';
import { Running, STREAM } from './running.fixture.ts';
import { commands, taskFacts } from './samples.fixture.ts';

test('it is tried again for the removal, which then goes on', () => {
  const running = new Running();
  const exit = taskFacts.find(({ type }) => type === 'task.exited')?.data ?? {};
  running.outcome('task.await-exit', exit);
  const failed = { ok: false, error: { kind: 'failed', message: 'busy' } } as const;
  const effect = { type: 'run.clean', params: {} } as never;
  running.when({ kind: 'outcome', stream: STREAM, effect, result: failed });
  assert.ok(running.effects.some(({ type }) => type === 'timer'));
  running.when({ kind: 'command', command: commands['remove'] as never });
  assert.equal(phaseOf(running.states.get(STREAM)), 'removing.cleaning');
  const timer = { type: 'timer', params: { key: 'retry' } } as never;
  running.when({ kind: 'outcome', stream: STREAM, effect: timer, result: { ok: true, data: {} } });
  assert.deepEqual(
    running.effects.map(({ type }) => type),
    ['run.clean'],
  );
});
