/** Processes killed for lack of memory: each told once, and before the end that they bring. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Running, STREAM } from './running.fixture.ts';
import { commands, ID } from './samples.fixture.ts';

const seen = (running: Running, kills: number, run = 1): readonly string[] =>
  running.seen({ type: 'kills-seen', container: ID, run, kills });
const exits = (running: Running, oomKills: number): readonly string[] => {
  const exit = { code: 0, atNs: '5', oomKilled: oomKills > 0, oomKills, outputEnded: true };
  return running.outcome('task.await-exit', { ...exit, evidence: 'task status STOPPED' });
};

test('a kill is told once, and the next one again', () => {
  const running = new Running();
  assert.deepEqual(seen(running, 1), ['container.oom-killed']);
  assert.deepEqual(seen(running, 1), []);
  assert.deepEqual(seen(running, 3), ['container.oom-killed']);
  assert.equal(running.states.get(STREAM)?.value, 'running');
});

test('the exit tells of those that nobody has told of, before itself', () => {
  const running = new Running();
  seen(running, 1);
  const told = ['task.exited', 'container.oom-killed', 'container.exited'];
  assert.deepEqual(exits(running, 2), told);
  assert.deepEqual(seen(running, 4), []);
});

test('one that was told of is not told again by the exit', () => {
  const running = new Running();
  seen(running, 1);
  assert.deepEqual(exits(running, 1), ['task.exited', 'container.exited']);
});

test('nothing is told of another run', () => {
  assert.deepEqual(seen(new Running(), 1, 2), []);
});

test('also while it is paused or about to end', () => {
  for (const command of ['pause', 'stop']) {
    const running = new Running();
    running.when({ kind: 'command', command: commands[command] as never });
    assert.deepEqual(seen(running, 1), ['container.oom-killed'], command);
  }
});
