/** A container that somebody else made: taken over with what is known, and never started again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerStream, phaseOf, taskStream } from './container.decide.ts';
import type { ContainerFact } from './container.facts.ts';
import { containerFamily } from './container.family.ts';
import type { Decision, Input, View } from './decision.ts';
import { commands, execCommands, ID } from './samples.fixture.ts';
import type { ActorState, Effect, EffectResult } from './words.ts';

class Adopted {
  readonly states = new Map<string, ActorState>();
  effects: Effect[] = [];

  view(): View {
    return {
      state: (stream) => this.states.get(stream),
      holder: () => undefined,
      sharers: () => [],
      held: () => [],
    };
  }

  /** Decides, folds, and gives the types of the facts. */
  when(input: Input<never>): readonly string[] {
    const decision: Decision = containerFamily.decide(this.view(), input);
    assert.equal(decision.kind, 'facts', JSON.stringify(decision));
    this.effects = [];
    const drafts = decision.kind === 'facts' ? decision.drafts : [];
    for (const { stream, fact } of drafts) {
      const folded = containerFamily.kindOf(stream).fold(this.states.get(stream), fact);
      this.states.set(stream, folded.state);
      this.effects.push(...folded.effects);
    }
    return drafts.map(({ fact }) => fact.type);
  }

  command(name: string): readonly string[] {
    return this.when({ kind: 'command', command: commands[name] as never });
  }

  refusal(command: unknown): string {
    const decision = containerFamily.decide(this.view(), {
      kind: 'command',
      command: command as never,
    });
    return decision.kind === 'refused' ? decision.refusal.kind : decision.kind;
  }

  outcome(type: string, result: EffectResult): readonly string[] {
    const effect = { type, params: { id: ID, run: 1 } } as never;
    return this.when({ kind: 'outcome', stream: containerStream(ID), effect, result });
  }

  found(status: 'running' | 'paused' | 'absent'): readonly string[] {
    const process = { pid: 77, startTime: '4711', bootId: 'b', paused: status === 'paused' };
    const data = { task: status === 'absent' ? null : process, atNs: null };
    return this.outcome('run.adopt', { ok: true, data });
  }

  phase(): string {
    return phaseOf(this.states.get(containerStream(ID)));
  }
}

function adopting(): Adopted {
  const adopted = new Adopted();
  assert.deepEqual(adopted.command('adopt'), ['container.adopt-requested']);
  assert.deepEqual(
    adopted.effects.map(({ type }) => type),
    ['run.adopt'],
  );
  return adopted;
}

test('one that runs is run 1, and its exit is awaited', () => {
  const adopted = adopting();
  assert.deepEqual(adopted.found('running'), ['task.adopted', 'container.adopted']);
  assert.equal(adopted.phase(), 'running');
  assert.deepEqual(adopted.effects, [
    { type: 'task.await-exit', params: { id: ID, run: 1 } },
  ] satisfies Effect[]);
  assert.ok(adopted.states.has(taskStream(ID, 1)));
});

test('one that is frozen is paused', () => {
  const adopted = adopting();
  adopted.found('paused');
  assert.equal(adopted.phase(), 'paused');
});

test('one without a task was created and not started', () => {
  const adopted = adopting();
  assert.deepEqual(adopted.found('absent'), ['container.adopted']);
  assert.equal(adopted.phase(), 'created.clean');
  assert.deepEqual(adopted.command('remove'), ['container.remove-requested']);
});

const NO_RECORD = { ok: false, error: { kind: 'failed', message: 'no record' } } as const;

test('one that can not be had leaves no container, and its name is free', () => {
  const adopted = adopting();
  const effect = { type: 'run.adopt', params: { id: ID, run: 1 } } as const;
  const stream = containerStream(ID);
  const input: Input<never> = { kind: 'outcome', stream, effect, result: NO_RECORD };
  const decision = containerFamily.decide(adopted.view(), input);
  const [draft] = decision.kind === 'facts' ? decision.drafts : [];
  assert.deepEqual(draft?.free, [{ kind: 'name', key: 'web' }]);
  adopted.when(input);
  assert.equal(adopted.refusal(commands['stop']), 'no-such-container');
});

test('what could not be had may be asked for again', () => {
  const adopted = adopting();
  adopted.outcome('run.adopt', NO_RECORD);
  assert.deepEqual(adopted.command('adopt'), ['container.adopt-requested']);
  assert.deepEqual(adopted.found('running'), ['task.adopted', 'container.adopted']);
  assert.equal(adopted.phase(), 'running');
  assert.equal(adopted.refusal(commands['adopt']), 'id-known');
});

test('a failure on record from before it could be asked for again stays the end', () => {
  const adopted = adopting();
  const stream = containerStream(ID);
  const fact = { type: 'container.adopt-failed', data: { message: 'no record' } } as const;
  const { state } = containerFamily.kindOf(stream).fold(adopted.states.get(stream), fact);
  adopted.states.set(stream, state);
  assert.equal(adopted.refusal(commands['adopt']), 'id-known');
});

test('it is paused, signalled, stopped and removed as any other', () => {
  for (const name of ['pause', 'kill', 'stop', 'remove -f', 'rename']) {
    const adopted = adopting();
    adopted.found('running');
    assert.equal(adopted.command(name).length, 1, name);
  }
});

test('nothing is started in it, nor it again, nor is it to be by a policy', () => {
  for (const status of ['running', 'paused', 'absent'] as const) {
    const adopted = adopting();
    adopted.found(status);
    for (const name of ['start', 'restart', 'update'])
      assert.equal(adopted.refusal(commands[name]), 'adopted', `${status} ${name}`);
    for (const command of Object.values(execCommands))
      assert.equal(adopted.refusal(command), 'adopted', status);
  }
});

test('an id that the log knows is not adopted, whatever became of it', () => {
  const adopted = adopting();
  assert.equal(adopted.refusal(commands['adopt']), 'id-known');
  adopted.found('absent');
  assert.equal(adopted.refusal(commands['adopt']), 'id-known');
});

test('removed by force before it is known to run: it is ended, and erased', () => {
  const alive = adopting();
  alive.command('remove -f');
  assert.equal(alive.phase(), 'removing.adopting');
  alive.found('paused');
  assert.equal(alive.phase(), 'removing.ending');
  assert.deepEqual(
    alive.effects.map(({ type }) => type),
    ['task.await-exit', 'task.kill', 'task.resume', 'timer'],
  );
  const idle = adopting();
  idle.command('remove -f');
  idle.found('absent');
  assert.equal(idle.phase(), 'removing.erasing');
});

test('the command is settled by its end, good or bad', () => {
  const settle = (fact: ContainerFact) =>
    containerFamily.settles(commands['adopt'] as never, fact, containerStream(ID))?.kind;
  const data = { run: 1, alive: true, pid: 7, atNs: null };
  assert.equal(settle({ type: 'container.adopted', data }), 'done');
  assert.equal(settle({ type: 'container.adopt-failed', data: { message: 'x' } }), 'refused');
  assert.equal(settle({ type: 'container.renamed', data: { name: 'a', oldName: 'b' } }), undefined);
});
