/** Given facts of a container and its health, when something comes, then facts and effects. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HealthConfig } from './container.config.ts';
import { containerStream, taskStream } from './container.decide.ts';
import { containerFamily } from './container.family.ts';
import type { Decision, Input, View } from './decision.ts';
import type { EffectType } from './effects.ts';
import type { FamilyCommand } from './exec.commands.ts';
import { checkOf } from './health.check.ts';
import { healthStream } from './health.follow.ts';
import { healthMachine } from './health.machine.ts';
import { explore } from './model.fixture.ts';
import { config, containerFacts, healthFacts, ID, taskFacts } from './samples.fixture.ts';
import type { ActorState, EffectResult, Fact, StreamName } from './words.ts';

const CHECK: HealthConfig = { Test: ['CMD', 'probe'], Retries: 2 };
const EXIT = { code: 0, atNs: '5', oomKilled: false, outputEnded: true, evidence: 'STOPPED' };

class Given {
  readonly states = new Map<string, ActorState>();
  asked: string[] = [];

  fold(stream: StreamName, fact: Fact): this {
    const folded = containerFamily.kindOf(stream).fold(this.states.get(stream), fact);
    this.states.set(stream, folded.state);
    for (const { type, params } of folded.effects)
      this.asked.push('key' in params ? `${type} ${params.key}` : type);
    return this;
  }

  when(input: Input<FamilyCommand>): Decision {
    this.asked = [];
    const view: View = {
      state: (stream) => this.states.get(stream),
      holder: () => undefined,
      sharers: () => [],
      held: () => [],
    };
    const decision = containerFamily.decide(view, input);
    if (decision.kind !== 'facts') return decision;
    for (const { stream, fact } of decision.drafts) this.fold(stream, fact);
    return decision;
  }

  outcome(stream: StreamName, type: EffectType, data: object = {}): Decision {
    const effect = { type, params: { id: ID, run: this.run() } };
    const result: EffectResult = { ok: true, data: data as never };
    return this.when({ kind: 'outcome', stream, effect, result });
  }

  probed(passed: boolean): Decision {
    const data = { passed, exitCode: passed ? 0 : 1, atNs: '7' };
    return this.outcome(healthStream(ID, this.run()), 'health.watch', data);
  }

  run(): number {
    return Number(Reflect.get(this.states.get(containerStream(ID))?.context ?? {}, 'run'));
  }

  health(run = this.run()): unknown {
    return this.states.get(healthStream(ID, run))?.value;
  }
}

/** A container right before its process is started. */
function starting(check: HealthConfig | null): Given {
  const given = new Given();
  for (const type of ['create-requested', 'created', 'start-requested']) {
    const fact = containerFacts.find((sample) => sample.type === `container.${type}`);
    assert.ok(fact);
    const data = 'config' in fact.data ? { ...fact.data, config: withCheck(check) } : fact.data;
    given.fold(containerStream(ID), { ...fact, data });
  }
  const [created] = taskFacts;
  assert.ok(created);
  return given.fold(taskStream(ID, 1), created);
}

const withCheck = (check: HealthConfig | null) =>
  check === null ? config : { ...config, Healthcheck: check };

function running(check: HealthConfig | null = CHECK): Given {
  const given = starting(check);
  given.outcome(taskStream(ID, 1), 'task.start', { pid: 1, atNs: '3' });
  return given;
}

const typesOf = (decision: Decision): readonly string[] =>
  decision.kind === 'facts' ? decision.drafts.map(({ fact }) => fact.type) : [decision.kind];

const eventOf = (decision: Decision): unknown => {
  const [draft] = decision.kind === 'facts' ? decision.drafts : [];
  const { before, status, streak } = (draft?.fact.data ?? {}) as Record<string, unknown>;
  return [before, status, streak];
};

describe('the health of a run', () => {
  it('begins in the append that tells that the run was started, and is watched', () => {
    const given = starting(CHECK);
    const decision = given.outcome(taskStream(ID, 1), 'task.start', { pid: 1, atNs: '3' });
    assert.deepEqual(typesOf(decision), ['task.started', 'container.started', 'health.watched']);
    assert.equal(given.health(), 'starting');
    assert.ok(given.asked.includes('health.watch'));
  });

  it('is not watched without a check, with NONE, and with a test that nobody knows', () => {
    for (const check of [null, { Test: ['NONE'] }, { Test: ['WHAT', 'x'] }, { Retries: 1 }]) {
      assert.equal(running(check).health(), undefined, JSON.stringify(check));
    }
  });

  it('is healthy with the first success, which is told, and watched on', () => {
    const given = running();
    const decision = given.probed(true);
    assert.deepEqual(typesOf(decision), ['health.passed']);
    assert.deepEqual(eventOf(decision), ['starting', 'healthy', undefined]);
    assert.deepEqual([given.health(), given.asked], ['healthy', ['health.watch']]);
  });

  it('is unhealthy with as many failures in a row as were allowed, and not before', () => {
    const given = running();
    given.probed(true);
    assert.deepEqual(eventOf(given.probed(false)), ['healthy', 'healthy', 1]);
    assert.equal(given.health(), 'healthy');
    given.probed(true);
    assert.deepEqual(eventOf(given.probed(false)), ['healthy', 'healthy', 1], 'counted anew');
    assert.deepEqual(eventOf(given.probed(false)), ['healthy', 'unhealthy', 2]);
    assert.equal(given.health(), 'unhealthy');
    assert.deepEqual(eventOf(given.probed(true)), ['unhealthy', 'healthy', undefined]);
  });

  it('is not watched while the container is frozen, and unhealthy until a probe passes', () => {
    const given = running();
    given.probed(true);
    given.when({ kind: 'command', command: { type: 'pause', id: ID } });
    const paused = given.outcome(containerStream(ID), 'task.pause');
    assert.deepEqual(typesOf(paused), ['task.paused', 'container.paused', 'health.suspended']);
    assert.deepEqual(given.asked, ['cancel health.watch', 'cancel retry']);
    given.when({ kind: 'command', command: { type: 'unpause', id: ID } });
    const thawed = given.outcome(containerStream(ID), 'task.resume');
    assert.deepEqual(typesOf(thawed), ['task.resumed', 'container.unpaused', 'health.resumed']);
    assert.deepEqual([given.health(), given.asked], ['unhealthy', ['health.watch']]);
  });

  it('ends with the exit, in the same append, and gives back what a probe has left', () => {
    const given = running();
    const decision = given.outcome(taskStream(ID, 1), 'task.await-exit', EXIT);
    assert.deepEqual(typesOf(decision), ['task.exited', 'container.exited', 'health.ended']);
    assert.ok(given.asked.includes('cancel health.watch'));
    assert.ok(given.asked.includes('health.clean'));
    const cleaned = given.outcome(healthStream(ID, 1), 'health.clean');
    assert.deepEqual([typesOf(cleaned), given.health()], [['health.cleaned'], 'over']);
  });

  it('begins anew with the next run, even if the last one is not cleaned up yet', () => {
    const given = running();
    given.probed(true);
    given.outcome(taskStream(ID, 1), 'task.await-exit', EXIT);
    given.outcome(containerStream(ID), 'run.clean');
    const start = containerFacts.find(({ type }) => type === 'container.start-requested');
    assert.ok(start);
    given.fold(containerStream(ID), { ...start, data: { ...start.data, run: 2 } });
    const process = { pid: 8, startTime: '1', bootId: 'b' };
    const created = { type: 'task.created', data: { container: ID, run: 2, ...process } };
    given.fold(taskStream(ID, 2), created);
    given.outcome(taskStream(ID, 2), 'task.start', { pid: 8, atNs: '9' });
    assert.deepEqual([given.health(1), given.health(2)], ['ending', 'starting']);
  });

  it('goes on after a while when the watch itself went wrong', () => {
    const given = running();
    const effect = { type: 'health.watch' as const, params: { id: ID, run: 1 } };
    const error = { kind: 'failed' as const, message: 'a bug' };
    const stream = healthStream(ID, 1);
    given.when({ kind: 'outcome', stream, effect, result: { ok: false, error } });
    assert.deepEqual([given.health(), given.asked], ['starting', ['timer retry']]);
    const timer = { type: 'timer' as const, params: { key: 'retry', ms: 1 } };
    given.when({ kind: 'outcome', stream, effect: timer, result: { ok: true, data: {} } });
    assert.deepEqual(given.asked, ['health.watch']);
  });
});

describe('a check', () => {
  it('has the defaults of docker where it says nothing', () => {
    assert.deepEqual(checkOf({ ...config, Healthcheck: { Test: ['CMD', 'a', 'b c'] } }), {
      argv: ['a', 'b c'],
      intervalMs: 30_000,
      timeoutMs: 30_000,
      startPeriodMs: 0,
      startIntervalMs: 5_000,
      retries: 3,
    });
  });

  it('runs in the shell of the container, which is the image’s', () => {
    const Healthcheck = { Test: ['CMD-SHELL', 'a | b'], Interval: 1_500_000, Retries: 7 };
    const plain = checkOf({ ...config, Healthcheck });
    assert.deepEqual(plain?.argv, ['/bin/sh', '-c', 'a | b']);
    assert.deepEqual([plain?.intervalMs, plain?.retries], [1.5, 7]);
    const own = checkOf({ ...config, Healthcheck, Shell: ['/bin/ash', '-ec'] });
    assert.deepEqual(own?.argv, ['/bin/ash', '-ec', 'a | b']);
  });
});

describe('the health machine', () => {
  const model = explore(healthMachine, healthFacts);

  it('reaches every state that it declares, and takes every sample', () => {
    const declared = Object.keys(healthMachine.root.states);
    assert.deepEqual([...model.states.keys()].sort(), declared.sort());
    const taken = new Set(model.arrows.map(({ fact }) => fact));
    assert.deepEqual([...taken].sort(), [...new Set(healthFacts.map(({ type }) => type))].sort());
  });
});
