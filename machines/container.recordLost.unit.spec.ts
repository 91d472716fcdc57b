/** containerd's record, deleted from under a task that runs on: asked for again, once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerStream, taskStream } from './container.decide.ts';
import { containerFamily } from './container.family.ts';
import type { Input, View } from './decision.ts';
import { commands, ID, taskFacts } from './samples.fixture.ts';
import type { ActorState, Effect, Fact } from './words.ts';

const STREAM = containerStream(ID);

class Running {
  readonly states = new Map<string, ActorState>();
  effects: Effect[] = [];

  constructor() {
    const found = { task: { pid: 7, startTime: '1', bootId: 'b', paused: false }, atNs: null };
    this.when({ kind: 'command', command: commands['adopt'] as never });
    this.outcome('run.adopt', found);
  }

  fold(stream: string, fact: Fact): void {
    const folded = containerFamily.kindOf(stream).fold(this.states.get(stream), fact);
    this.states.set(stream, folded.state);
    this.effects.push(...folded.effects);
  }

  when(input: Input<never>): readonly string[] {
    const view: View = {
      state: (stream) => this.states.get(stream),
      holder: () => undefined,
      sharers: () => [],
      held: () => [],
    };
    const decision = containerFamily.decide(view, input);
    this.effects = [];
    const drafts = decision.kind === 'facts' ? decision.drafts : [];
    for (const { stream, fact } of drafts) this.fold(stream, fact);
    return drafts.map(({ fact }) => fact.type);
  }

  outcome(type: string, data: object): readonly string[] {
    const effect = { type, params: { id: ID, run: 1 } } as never;
    return this.when({
      kind: 'outcome',
      stream: STREAM,
      effect,
      result: { ok: true, data: { ...data } },
    });
  }

  lost(run = 1): readonly string[] {
    const observation = { type: 'task-seen', container: ID, run, status: 'unrecorded' } as const;
    return this.when({ kind: 'observation', observation });
  }
}

test('it is asked for while the container runs, and the answer changes no state', () => {
  const running = new Running();
  assert.deepEqual(running.lost(), ['container.record-lost']);
  assert.deepEqual(
    running.effects.map(({ type }) => type),
    ['run.record'],
  );
  assert.deepEqual(running.outcome('run.record', {}), ['container.record-restored']);
  assert.equal(running.states.get(STREAM)?.value, 'running');
});

test('not of an earlier run, nor while something else is under way', () => {
  const running = new Running();
  assert.deepEqual(running.lost(2), []);
  running.when({ kind: 'command', command: commands['pause'] as never });
  assert.deepEqual(running.lost(), []);
});

test('an exit makes it pointless', () => {
  const running = new Running();
  running.lost();
  const exit = taskFacts.find(({ type }) => type === 'task.exited')?.data ?? {};
  assert.deepEqual(running.outcome('task.await-exit', exit), ['task.exited', 'container.exited']);
  assert.ok(running.states.has(taskStream(ID, 1)));
  const cancelled = running.effects.flatMap(({ type, params }) =>
    type === 'cancel' && 'key' in params ? [params.key] : [],
  );
  assert.ok(cancelled.includes('run.record'));
});
