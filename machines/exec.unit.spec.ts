/** Given facts of a container and an exec, when a command or an outcome comes, then these facts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { containerStream, taskStream } from './container.decide.ts';
import { containerFamily } from './container.family.ts';
import type { Decision, Input, View } from './decision.ts';
import type { EffectType } from './effects.ts';
import type { ExecCommand, FamilyCommand } from './exec.commands.ts';
import { execStream } from './exec.decide.ts';
import { type ExecContext, execMachine } from './exec.machine.ts';
import { explore } from './model.fixture.ts';
import {
  containerFacts,
  EXEC,
  execCommands,
  execFacts,
  ID,
  runtime,
  taskFacts,
} from './samples.fixture.ts';
import type { ActorState, EffectResult, Fact } from './words.ts';

const STREAM = execStream(ID, EXEC);
const EXIT = { code: 3, atNs: '5', oomKilled: false, outputEnded: true, evidence: 'STOPPED' };

class Given {
  readonly states = new Map<string, ActorState>();
  asked: string[] = [];

  fold(stream: string, fact: Fact | undefined): this {
    assert.ok(fact);
    const folded = containerFamily.kindOf(stream).fold(this.states.get(stream), fact);
    this.states.set(stream, folded.state);
    this.asked.push(...folded.effects.map(({ type }) => type));
    return this;
  }

  container(...types: readonly string[]): this {
    for (const type of types) {
      const fact = containerFacts.find((sample) => sample.type === type);
      this.fold(containerStream(ID), fact);
    }
    return this;
  }

  view(): View {
    return {
      state: (stream) => this.states.get(stream),
      holder: () => undefined,
      sharers: () => [],
      held: () => [],
    };
  }

  when(input: Input<FamilyCommand>): Decision {
    this.asked = [];
    const decision = containerFamily.decide(this.view(), input);
    if (decision.kind !== 'facts') return decision;
    for (const { stream, fact } of decision.drafts) this.fold(stream, fact);
    return decision;
  }

  command(name: keyof typeof execCommands): Decision {
    return this.when({ kind: 'command', command: execCommands[name] });
  }

  outcome(type: EffectType, result: EffectResult): Decision {
    const effect = { type, params: { id: ID, run: 1, exec: EXEC } };
    return this.when({ kind: 'outcome', stream: STREAM, effect, result });
  }

  phase(): unknown {
    return this.states.get(STREAM)?.value;
  }
}

const done = (data: object = {}): EffectResult => ({ ok: true, data: data as never });
const failed = (message: string): EffectResult => {
  return { ok: false, error: { kind: 'failed', message } };
};

const typesOf = (decision: Decision): readonly string[] =>
  decision.kind === 'facts' ? decision.drafts.map(({ fact }) => fact.type) : [decision.kind];

const refusalOf = (decision: Decision): string =>
  decision.kind === 'refused' ? decision.refusal.kind : decision.kind;

function running(): Given {
  const given = new Given().container(
    'container.create-requested',
    'container.created',
    'container.start-requested',
    'container.started',
  );
  given.fold(taskStream(ID, 1), taskFacts[0]).fold(taskStream(ID, 1), taskFacts[1]);
  return given;
}

describe('an exec', () => {
  it('is made, started, ends, and is cleaned up, and its container is not touched', () => {
    const given = running();
    const before = given.states.get(containerStream(ID));
    assert.deepEqual(typesOf(given.command('exec create')), ['exec.created']);
    assert.deepEqual(given.asked, []);
    assert.deepEqual(typesOf(given.command('exec start')), ['exec.start-requested']);
    assert.deepEqual(given.asked, ['exec.start']);
    assert.deepEqual(typesOf(given.outcome('exec.start', done({ pid: 9 }))), ['exec.started']);
    assert.deepEqual(given.asked, ['exec.await-exit']);
    assert.deepEqual(typesOf(given.outcome('exec.await-exit', done(EXIT))), ['exec.exited']);
    assert.deepEqual(given.asked, ['exec.clean']);
    assert.deepEqual(typesOf(given.outcome('exec.clean', done())), ['exec.cleaned']);
    assert.equal(given.phase(), 'gone');
    assert.equal(given.states.get(containerStream(ID)), before);
    assert.equal(refusalOf(given.command('exec start')), 'exec-ran');
  });

  it('that has ended as soon as it ran is over in one append, and nobody waits for it', () => {
    const given = running();
    given.command('exec create');
    given.command('exec start');
    const decision = given.outcome('exec.start', done({ pid: 9, exit: EXIT }));
    assert.deepEqual(typesOf(decision), ['exec.started', 'exec.exited']);
    assert.deepEqual(given.asked, ['exec.clean']);
    const exec = given.states.get(STREAM)?.context as ExecContext;
    assert.deepEqual([exec.pid, exec.exit], [0, EXIT]);
    assert.deepEqual(typesOf(given.outcome('exec.clean', done())), ['exec.cleaned']);
  });

  it('forgets its environment once it was started, whether that worked or not', () => {
    for (const result of [done({ pid: 9 }), failed('no such file')]) {
      const given = running();
      const env = [{ ref: { name: 'TOKEN', digest: 'ab' }, salt: '00', value: 'x' }];
      const command = { ...execCommands['exec create'], env } as FamilyCommand;
      given.when({ kind: 'command', command });
      given.command('exec start');
      const decision = given.outcome('exec.start', result);
      assert.deepEqual(decision.kind === 'facts' && decision.drafts[0]?.erase, ['ab']);
    }
  });

  it('is started once', () => {
    const given = running();
    given.command('exec create');
    given.command('exec start');
    assert.equal(refusalOf(given.command('exec start')), 'exec-running');
    given.outcome('exec.start', done({ pid: 9 }));
    assert.equal(refusalOf(given.command('exec start')), 'exec-running');
  });

  it('shows 127 when its program is missing and 126 when it can not be executed', () => {
    for (const [message, code] of [
      ['exec: "x": executable file not found in $PATH', 127],
      ['exec: "/etc": is a directory: permission denied', 126],
      ['something else', 126],
    ] as const) {
      const given = running();
      given.command('exec create');
      given.command('exec start');
      const decision = given.outcome('exec.start', failed(message));
      const [draft] = decision.kind === 'facts' ? decision.drafts : [];
      assert.deepEqual(draft?.fact.data, { message, exitCode: code });
      assert.deepEqual(given.asked, ['exec.clean']);
    }
  });

  it('ends unknown when nobody can say how', () => {
    const given = running();
    given.command('exec create');
    given.command('exec start');
    given.outcome('exec.start', done({ pid: 9 }));
    const decision = given.outcome('exec.await-exit', failed('shim gone'));
    const [draft] = decision.kind === 'facts' ? decision.drafts : [];
    assert.equal(Reflect.get(draft?.fact.data ?? {}, 'code'), null);
    assert.equal(Reflect.get(draft?.fact.data ?? {}, 'evidence'), 'shim gone');
  });

  it('is cleaned up again after a while when that did not work', () => {
    const given = running();
    given.command('exec create');
    given.command('exec start');
    given.outcome('exec.start', failed('no'));
    given.outcome('exec.clean', failed('busy'));
    assert.deepEqual(given.asked, ['timer']);
    assert.deepEqual(typesOf(given.outcome('timer', done())), ['exec.retry-due']);
    assert.deepEqual(given.asked, ['exec.clean']);
  });

  it('needs a container that runs', () => {
    const paused = running().container('container.pause-requested', 'container.paused');
    assert.equal(refusalOf(paused.command('exec create')), 'paused');
    const made = new Given().container('container.create-requested', 'container.created');
    assert.equal(refusalOf(made.command('exec create')), 'not-running');
    assert.equal(refusalOf(new Given().command('exec create')), 'no-such-container');
    const waiting = running();
    const again = containerFacts.find(
      (one) => one.type === 'container.exited' && one.data['next'] !== null,
    );
    waiting.command('exec create');
    waiting.fold(containerStream(ID), again);
    for (const asked of ['exec create', 'exec start'] as const)
      assert.equal(refusalOf(waiting.command(asked)), 'restarting');
    const starting = made.container('container.start-requested');
    assert.equal(starting.command('exec create').kind, 'defer');
  });

  it('is unknown in the next run of its container, and its exit is taken all the same', () => {
    const given = running();
    given.command('exec create');
    const other: ExecCommand = { ...execCommands['exec start'], execId: 'f'.repeat(64) } as never;
    assert.equal(refusalOf(given.when({ kind: 'command', command: other })), 'no-such-exec');
    given.container('container.exited', 'container.cleaned');
    assert.equal(refusalOf(given.command('exec start')), 'not-running');
    const data = { run: 2, runtime, restart: false };
    given.fold(containerStream(ID), { type: 'container.start-requested', data });
    assert.equal(refusalOf(given.command('exec start')), 'no-such-exec');
  });

  it('tells who started it that it runs, or why it does not', () => {
    const start = execCommands['exec start'];
    const settled = (fact: Fact, stream = STREAM) => containerFamily.settles(start, fact, stream);
    const started = { type: 'exec.started', data: { pid: 1 } };
    assert.deepEqual(settled(started), { kind: 'done' });
    assert.equal(settled(started, execStream(ID, 'another')), undefined);
    const failure = { type: 'exec.start-failed', data: { message: 'm', exitCode: 127 } };
    const refusal = { kind: 'exec-start-failed', message: 'm', exitCode: 127 };
    assert.deepEqual(settled(failure), { kind: 'refused', refusal });
  });
});

describe('the exec machine', () => {
  const model = explore(execMachine, execFacts);

  it('reaches every state that it declares, and takes every sample', () => {
    const declared = Object.keys(execMachine.root.states);
    assert.deepEqual([...model.states.keys()].sort(), declared.sort());
    const taken = new Set(model.arrows.map(({ fact }) => fact));
    assert.deepEqual([...taken].sort(), execFacts.map(({ type }) => type).sort());
  });
});
