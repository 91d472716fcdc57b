/**
 * Given facts, when a command or an outcome comes, then these facts and effects: no mocks, no
 * clock.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { containerStream, phaseOf, taskStream } from './container.decide.ts';
import { containerFamily } from './container.family.ts';
import { containerMachine } from './container.machine.ts';
import type { Decision, Input, View } from './decision.ts';
import type { EffectType } from './effects.ts';
import { explore, tryStep } from './model.fixture.ts';
import { commands, containerFacts, ID, runtime, taskFacts } from './samples.fixture.ts';
import type { ActorState, Effect, EffectResult, Fact } from './words.ts';

/** A family as its facts left it; `when` decides one input and folds what was decided. */
class Given {
  readonly states = new Map<string, ActorState>();
  effects: Effect[] = [];

  constructor(...facts: readonly (readonly [string, Fact])[]) {
    for (const [stream, fact] of facts) this.fold(stream, fact);
  }

  fold(stream: string, fact: Fact): void {
    const folded = containerFamily.kindOf(stream).fold(this.states.get(stream), fact);
    this.states.set(stream, folded.state);
    this.effects.push(...folded.effects);
  }

  decide(input: Input<never>): Decision {
    const view: View = {
      state: (stream) => this.states.get(stream),
      holder: () => undefined,
      sharers: () => [],
      held: () => [],
    };
    return containerFamily.decide(view, input);
  }

  when(input: Input<never>): Then {
    this.effects = [];
    const decision = this.decide(input);
    if (decision.kind === 'facts')
      for (const { stream, fact } of decision.drafts) this.fold(stream, fact);
    return new Then(this, decision);
  }

  command(name: string, change: object = {}): Then {
    const command = { ...commands[name], ...change } as never;
    return this.when({ kind: 'command', command });
  }

  outcome(type: EffectType, data: object = {}, params: object = {}): Then {
    const result = { ok: true, data } as EffectResult;
    return this.answer(type, result, params);
  }

  failure(type: EffectType, message: string): Then {
    return this.answer(type, { ok: false, error: { kind: 'failed', message } }, {});
  }

  answer(type: EffectType, result: EffectResult, params: object): Then {
    const effect = { type, params: { id: ID, ...params } } as never;
    return this.when({ kind: 'outcome', stream: containerStream(ID), effect, result });
  }

  phase(): string {
    return phaseOf(this.states.get(containerStream(ID)));
  }
}

class Then {
  readonly given: Given;
  readonly decision: Decision;

  constructor(given: Given, decision: Decision) {
    this.given = given;
    this.decision = decision;
  }

  gives(...types: readonly string[]): Given {
    assert.equal(this.decision.kind, 'facts', JSON.stringify(this.decision));
    const drafts = this.decision.kind === 'facts' ? this.decision.drafts : [];
    assert.deepEqual(
      drafts.map(({ fact }) => fact.type),
      types,
    );
    return this.given;
  }

  asks(...effects: readonly string[]): Given {
    const asked = this.given.effects.map(({ type, params }) =>
      'key' in params ? `${type} ${params.key}` : type,
    );
    assert.deepEqual(asked, effects);
    return this.given;
  }

  refused(kind: string): Given {
    assert.equal(this.decision.kind, 'refused');
    if (this.decision.kind === 'refused') assert.equal(this.decision.refusal.kind, kind);
    return this.given;
  }
}

const EXIT = { code: 3, atNs: '5', oomKilled: false, outputEnded: true, evidence: 'STOPPED' };
const CREATED = { pid: 77, startTime: '4711', bootId: 'b' };

function created(hostConfig: object = {}): Given {
  const given = new Given();
  const create = commands['create'];
  assert.equal(create?.type, 'create');
  if (create?.type === 'create') {
    given.command('create', { hostConfig: { ...create.hostConfig, ...hostConfig } });
  }
  given.outcome('root.prepare', { snapshotter: 'overlayfs' });
  return given;
}

function running(hostConfig: object = {}): Given {
  const given = created(hostConfig);
  given.command('start');
  given.outcome('task.create', CREATED);
  given.outcome('task.start', { pid: 77 });
  assert.equal(given.phase(), 'running');
  return given;
}

describe('a container', () => {
  it('is created, started, exits, is cleaned up and removed, one run and one exit', () => {
    const given = new Given();
    given.command('create').gives('container.create-requested');
    given.outcome('root.prepare', { snapshotter: 'overlayfs' }).gives('container.created');
    given.command('start').gives('container.start-requested');
    given.outcome('task.create', CREATED).gives('task.created');
    given.outcome('task.start').gives('task.started', 'container.started');
    given.outcome('task.await-exit', EXIT).gives('task.exited', 'container.exited');
    assert.equal(given.phase(), 'exited.cleaning');
    given.outcome('run.clean').gives('task.deleted', 'container.cleaned');
    given.command('remove').gives('container.remove-requested');
    given.outcome('container.erase').gives('container.removed');
    assert.equal(given.phase(), 'removed');
    given.command('start').refused('no-such-container');
  });

  it('asks for each step only after the one before is on record', () => {
    const given = new Given();
    given.command('create').asks('root.prepare');
    given.outcome('root.prepare', { snapshotter: 'overlayfs' }).asks();
    given.command('start').asks('task.create');
    given.outcome('task.create', CREATED).asks('task.start');
    given.outcome('task.start').asks('task.await-exit');
  });

  it('stops with the signal, then SIGKILL when the time is up', () => {
    const given = running();
    given.command('stop').gives('container.stop-requested');
    assert.deepEqual(
      given.effects.filter(({ type }) => type !== 'cancel').map(({ params }) => params),
      [
        { id: ID, run: 1, signal: 15 },
        { key: 'stop', ms: 10_000 },
      ],
    );
    given.outcome('task.kill', {}, { signal: 15 }).gives('container.signalled');
    given.outcome('timer', {}, { key: 'stop' }).gives('container.stop-timed-out');
    given.outcome('task.kill', {}, { signal: 9 }).gives('container.signalled');
    const exited = given.outcome('task.await-exit', { ...EXIT, code: 137 });
    exited.gives('task.exited', 'container.exited');
    assert.equal(
      exited.decision.kind === 'facts' &&
        Reflect.get(exited.decision.drafts[1]?.fact.data ?? {}, 'asked'),
      'stop',
    );
  });

  it('decides about an exit only after the signal that caused it is on record', () => {
    const given = running();
    given.command('kill');
    assert.equal(given.outcome('task.await-exit', EXIT).decision.kind, 'defer');
    given.outcome('task.kill', {}, { signal: 9 });
    given.outcome('task.await-exit', EXIT).gives('task.exited', 'container.exited');
  });

  it('restarts with the runtime that the command was given, once it is cleaned up', () => {
    const given = running();
    given.command('restart', { runtime: { ...runtime, name: 'other' } });
    given.outcome('task.kill', {}, { signal: 15 });
    given.outcome('task.await-exit', EXIT).gives('task.exited', 'container.exited');
    given
      .outcome('run.clean')
      .gives('task.deleted', 'container.cleaned', 'container.start-requested');
    given.outcome('task.create', CREATED).gives('task.created');
    const started = given.outcome('task.start');
    started.gives('task.started', 'container.started');
    const context = given.states.get(containerStream(ID))?.context;
    assert.deepEqual([Reflect.get(context ?? {}, 'run'), given.phase()], [2, 'running']);
    assert.equal(Reflect.get(Reflect.get(context ?? {}, 'runtime'), 'name'), 'other');
    assert.ok(given.states.has(taskStream(ID, 2)));
  });

  it('removes itself in the append of its exit when it was asked to', () => {
    const given = running({ AutoRemove: true });
    given
      .outcome('task.await-exit', EXIT)
      .gives('task.exited', 'container.exited', 'container.remove-requested');
    given.outcome('run.clean').gives('task.deleted', 'container.cleaned');
    assert.equal(given.phase(), 'removing.erasing');
  });

  it('waits longer for each restart by policy, and no longer after a long run', () => {
    const given = running({ RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } });
    const pauses = [100, 200, 400].map(() => {
      given.outcome('task.await-exit', EXIT);
      given.outcome('run.clean');
      const timer = given.effects.find(({ type }) => type === 'timer');
      assert.equal(given.phase(), 'restarting.waiting');
      given.outcome('timer', {}, { key: 'restart' }).gives('container.start-requested');
      given.outcome('task.create', CREATED);
      given.outcome('task.start', { pid: 77, atNs: '0' });
      return Reflect.get(timer?.params ?? {}, 'ms');
    });
    assert.deepEqual(pauses, [100, 200, 400]);
    given.outcome('task.await-exit', { ...EXIT, atNs: '10000000000' });
    assert.equal(
      Reflect.get(given.states.get(containerStream(ID))?.context ?? {}, 'backoffMs'),
      100,
    );
  });

  it('is not started again after a stop by hand, nor while it waits for its restart', () => {
    const policy = { RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 } };
    const stopped = running(policy);
    stopped.command('stop');
    stopped.outcome('task.kill', {}, { signal: 15 });
    stopped.outcome('task.await-exit', EXIT);
    stopped.outcome('run.clean');
    assert.equal(stopped.phase(), 'exited.clean');
    const waiting = running(policy);
    waiting.outcome('task.await-exit', EXIT);
    waiting.outcome('run.clean');
    const cancelled = waiting.command('stop');
    cancelled.gives('container.restart-cancelled');
    cancelled.asks('cancel restart');
    assert.equal(waiting.phase(), 'exited.clean');
  });

  it('goes back to created when its first start fails, and says why', () => {
    const given = created();
    given.command('start');
    given
      .failure('task.create', 'executable file not found in $PATH')
      .gives('container.start-failed');
    assert.equal(given.phase(), 'created.cleaning');
    given.outcome('run.clean').gives('container.cleaned');
    given.command('start').gives('container.start-requested');
  });

  it('takes a forced removal while it is starting and kills what comes of the start', () => {
    const given = created();
    given.command('start');
    given.command('remove -f').gives('container.remove-requested');
    given.outcome('task.create', CREATED).gives('task.created');
    given.outcome('task.start').gives('task.started', 'container.started');
    assert.equal(given.phase(), 'removing.ending');
    given.outcome('task.kill', {}, { signal: 9 });
    given.outcome('task.await-exit', EXIT).gives('task.exited', 'container.exited');
  });

  it('says unknown when it had to be cleaned up without an exit', () => {
    const given = running();
    given.command('remove -f');
    given.failure('task.kill', 'shim does not answer');
    given.outcome('timer', {}, { key: 'kill' }).gives('container.kill-timed-out');
    const cleaned = given.outcome('run.clean');
    cleaned.gives('task.exited', 'container.exited', 'task.deleted', 'container.cleaned');
    const exit = cleaned.decision.kind === 'facts' ? cleaned.decision.drafts[0]?.fact.data : {};
    assert.equal(Reflect.get(exit ?? {}, 'code'), null);
  });

  it('forgets its environment in the append of its end', () => {
    const given = new Given();
    const ref = { name: 'TOKEN', digest: 'ab' };
    given.command('create', { env: [{ ref, salt: '00', value: 'x' }] });
    given.outcome('root.prepare', { snapshotter: 'overlayfs' });
    given.command('remove');
    const { decision } = given.outcome('container.erase');
    assert.deepEqual(decision.kind === 'facts' && decision.drafts[0]?.erase, ['ab']);
  });

  it('frees the name in the append of the removal and the root when the run is cleaned up', () => {
    const given = running();
    const removal = given.decide({ kind: 'command', command: commands['remove -f'] as never });
    assert.deepEqual(removal.kind === 'facts' && removal.drafts[0]?.free, [
      { kind: 'name', key: 'web' },
    ]);
  });

  it('stays paused when the thaw fails that a stop had asked for, also after the stop', () => {
    const given = running();
    given.command('pause');
    given.outcome('task.pause');
    given
      .command('stop')
      .asks('cancel stop', 'cancel kill', 'task.kill', 'task.resume', 'timer stop');
    given.outcome('task.kill', {}, { signal: 15 });
    given.outcome('timer', {}, { key: 'kill' }).gives('container.stop-failed');
    given.failure('task.resume', 'frozen').gives('container.unpause-failed', 'container.paused');
    assert.equal(given.phase(), 'paused');
  });

  it('is thawed before it exits, though the exit may be seen first', () => {
    const given = running();
    given.command('pause');
    given.outcome('task.pause');
    given.command('unpause');
    assert.equal(given.outcome('task.await-exit', EXIT).decision.kind, 'defer');
    given.outcome('task.resume').gives('task.resumed', 'container.unpaused');
    given.outcome('task.await-exit', EXIT).gives('task.exited', 'container.exited');
  });

  it('follows what was done behind its back', () => {
    const given = running();
    const seen = { type: 'task-seen', container: ID, run: 1, status: 'paused' } as const;
    given.when({ kind: 'observation', observation: seen }).gives('task.paused', 'container.paused');
    assert.equal(given.phase(), 'paused');
  });

  it('waits with a command while a step with a deadline is under way', () => {
    const given = created();
    given.command('start');
    for (const name of ['start', 'stop', 'kill', 'pause', 'rename', 'restart']) {
      assert.equal(given.command(name).decision.kind, 'defer', name);
    }
  });
});

const flags = (context: object): string =>
  JSON.stringify([Reflect.get(context, 'everStarted'), Reflect.get(context, 'signals') === 0]);
const model = explore(containerMachine, containerFacts, flags);

describe('the container machine', () => {
  it('reaches every state that it declares', () => {
    const declared = Object.entries(containerMachine.root.states).flatMap(([name, node]) => {
      const children = Object.keys(node.states);
      return children.length === 0 ? [name] : children.map((child) => `${name}.${child}`);
    });
    assert.deepEqual([...model.states.keys()].sort(), declared.sort());
  });

  it('has a way to removed from every state', () => {
    const leads = new Set(['removed']);
    for (let size = 0; size !== leads.size; ) {
      size = leads.size;
      for (const { from, to } of model.arrows) if (leads.has(to)) leads.add(from);
    }
    assert.deepEqual(
      [...model.states.keys()].filter((state) => !leads.has(state)),
      [],
    );
  });

  it('takes every fact that a decision makes of a command, in every state', () => {
    for (const [state, at] of model.states) {
      if (state === 'absent' || state === 'removed') continue;
      for (const [name, command] of Object.entries(commands)) {
        const view: View = {
          state: (stream) => (stream === containerStream(ID) ? at.state : undefined),
          holder: () => undefined,
          sharers: () => [],
          held: () => [],
        };
        const decision = containerFamily.decide(view, { kind: 'command', command });
        if (decision.kind !== 'facts') continue;
        const [draft] = decision.drafts;
        assert.ok(draft && tryStep(containerMachine, at.state, draft.fact), `${state}, ${name}`);
      }
    }
  });

  it('accepts forced removal in every state but one that is already removing', () => {
    for (const [state, at] of model.states) {
      if (state === 'absent' || state === 'removed') continue;
      const view: View = {
        state: (stream) => (stream === containerStream(ID) ? at.state : undefined),
        holder: () => undefined,
        sharers: () => [],
        held: () => [],
      };
      const command = commands['remove -f'] as never;
      const decision = containerFamily.decide(view, { kind: 'command', command });
      const underWay = state.startsWith('removing.') && state !== 'removing.stuck';
      assert.equal(decision.kind, underWay ? 'refused' : 'facts', state);
    }
  });

  it('has a sample of every fact of a task, too', () =>
    assert.equal(new Set(taskFacts.map(({ type }) => type)).size, 8));
});
