/**
 * Limits per class of effect, in virtual time: five hundred at once neither time out nor starve a
 * stop, and what hangs holds itself only.
 */
import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import type { Limits } from '../../actors/admission.ts';
import type { ContainerCommand } from '../../machines/container.commands.ts';
import { containerStream, taskStream } from '../../machines/container.decide.ts';
import { containerFamily } from '../../machines/container.family.ts';
import { commands, hostConfig } from '../../machines/samples.fixture.ts';
import type { EffectResult, JsonObject } from '../../machines/words.ts';
import { Harness, ok, quiet, type WorldEffect } from './harness.ts';

let harness: Harness | undefined;
afterEach(() => {
  harness?.close();
  harness = undefined;
});

const SLOTS = 4;
const LIMIT = { slots: SLOTS, holdMs: 3_000, lent: 2 };
const LIMITS: Limits = { 'task.create': LIMIT, 'task.kill': LIMIT };
const CREATE_MS = 1_000;
const EXIT: EffectResult = ok({
  code: 137,
  atNs: '5',
  oomKilled: false,
  outputEnded: true,
  evidence: 'STOPPED',
});

const idOf = (at: number): string => at.toString(16).padStart(64, '0');
const numberOf = ({ id }: JsonObject): number => Number.parseInt(String(id), 16);

/** Containers whose creation takes a second; the ids of those created, in order. */
class Crowd {
  readonly created: number[] = [];
  readonly killed: number[] = [];
  readonly exits = new Map<number, (result: EffectResult) => void>();
  /** What hangs and does not heed its abort. */
  readonly hung = new Set<number>();
  atWork = 0;
  most = 0;
  readonly world: Harness;

  constructor(change: Record<string, WorldEffect> = {}) {
    this.world = new Harness({ ...this.#effects(), ...change }, containerFamily, LIMITS);
    harness = this.world;
  }

  #effects(): Record<string, WorldEffect> {
    return {
      'root.prepare': () => ok({ snapshotter: 'overlayfs' }),
      'task.create': (params) => this.#create(numberOf(params)),
      'task.start': () => ok({ pid: 77 }),
      'task.await-exit': (params) => {
        const { promise, resolve } = Promise.withResolvers<EffectResult>();
        this.exits.set(numberOf(params), resolve);
        return promise;
      },
      'task.kill': (params) => {
        const at = numberOf(params);
        if (this.hung.has(at)) return new Promise(() => undefined);
        this.killed.push(at);
        this.exits.get(at)?.(EXIT);
        return ok();
      },
      'run.clean': () => ok(),
      'container.erase': () => ok(),
    };
  }

  async #create(at: number): Promise<EffectResult> {
    if (this.hung.has(at)) return new Promise(() => undefined);
    this.atWork += 1;
    this.most = Math.max(this.most, this.atWork);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.world.time.after(CREATE_MS, resolve);
    await promise;
    this.atWork -= 1;
    this.created.push(at);
    return ok({ pid: 77, startTime: '4711', bootId: 'b' });
  }

  submit(name: string, at: number, change: object = {}, deadlineMs: number | null = 30_000) {
    const id = idOf(at);
    const command = { ...commands[name], id, ...change } as ContainerCommand;
    const origin = { request: 'r1', caller: { kind: 'unix' as const, uid: 0 }, deadlineMs };
    return this.world.system.submit(this.world.container, command, origin);
  }

  async make(from: number, to: number, change: object = {}): Promise<void> {
    const made = [];
    for (let at = from; at <= to; at += 1) {
      made.push(this.submit('create', at, { name: `c${at}`, ...change }));
    }
    for (const result of await Promise.all(made)) assert.deepEqual(result, DONE);
  }

  stateOf(at: number): unknown {
    return this.world.log.state(containerStream(idOf(at)))?.value;
  }
}

const DONE = { kind: 'done' };
const ALWAYS = { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } };

it('lets five hundred starts at once all succeed, few at a time, in their order', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 500);
  const starts = Array.from({ length: 500 }, (_, at) => crowd.submit('start', at + 1));
  await crowd.world.time.advance((500 / SLOTS) * CREATE_MS + 1);
  for (const result of await Promise.all(starts)) assert.deepEqual(result, DONE);
  assert.equal(crowd.most, SLOTS);
  assert.deepEqual(
    crowd.created,
    Array.from({ length: 500 }, (_, at) => at + 1),
  );
});

it('carries out a stop while starts are queued', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 101);
  const running = crowd.submit('start', 101);
  await crowd.world.time.advance(CREATE_MS);
  assert.deepEqual(await running, DONE);
  const starts = Array.from({ length: 100 }, (_, at) => crowd.submit('start', at + 1));
  await quiet();
  assert.deepEqual(await crowd.submit('stop', 101), DONE);
  assert.deepEqual(crowd.created, [101]);
  await crowd.world.time.advance(26 * CREATE_MS);
  await Promise.all(starts);
});

it('takes a container that is to be stopped or removed out of its turn', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 100);
  const starts = Array.from({ length: 100 }, (_, at) => crowd.submit('start', at + 1));
  await quiet();
  const removed = crowd.submit('remove', 100, { force: true });
  await crowd.world.time.advance(2 * CREATE_MS + 1);
  assert.deepEqual(await removed, DONE);
  assert.ok(crowd.created.length <= 2 * SLOTS);
  await crowd.world.time.advance(26 * CREATE_MS);
  await Promise.all(starts);
});

it('counts a deadline from the admission, not from the queue', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 41);
  for (let at = 1; at <= 40; at += 1) void crowd.submit('start', at, {}, null);
  const last = crowd.submit('start', 41, {}, 2_000);
  await crowd.world.time.advance(10 * CREATE_MS);
  assert.equal(crowd.created.length, 40);
  await crowd.world.time.advance(CREATE_MS);
  assert.deepEqual(await last, DONE);
  assert.deepEqual(crowd.world.stopped, []);
});

it('still tells a caller at the deadline when what was admitted hangs', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 1);
  crowd.hung.add(1);
  const start = crowd.submit('start', 1, {}, 2_000);
  await crowd.world.time.advance(2_001);
  const refusal = { kind: 'deadline', command: 'start' };
  assert.deepEqual(await start, { kind: 'refused', refusal });
});

it('lets a timer of the machine not run out for a signal that was not sent yet', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 11);
  const starts = Array.from({ length: 11 }, (_, at) => crowd.submit('start', at + 1));
  await crowd.world.time.advance(4 * CREATE_MS);
  await Promise.all(starts);
  // Six that hang fill the slots and what may be lent beside them, until their deadline.
  for (let at = 1; at <= 6; at += 1) crowd.hung.add(at);
  for (let at = 1; at <= 6; at += 1) void crowd.submit('stop', at, {}, null);
  await crowd.world.time.advance(3_500);
  for (let at = 7; at <= 10; at += 1) crowd.hung.add(at);
  for (let at = 7; at <= 10; at += 1) void crowd.submit('stop', at, {}, null);
  const stop = crowd.submit('stop', 11, { timeoutMs: 1_000 });
  await crowd.world.time.advance(5_000);
  const types = crowd.world.types(containerStream(idOf(11)));
  assert.ok(!types.includes('container.stop-timed-out'), types.join());
  await crowd.world.time.advance(60_000);
  assert.deepEqual(await stop, DONE);
  assert.ok(!crowd.world.types(containerStream(idOf(11))).includes('container.stop-timed-out'));
});

it('gives the slots of what hangs to others long before its deadline', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 8);
  // As many as there are slots: two are lent after holdMs.
  for (let at = 1; at <= 4; at += 1) crowd.hung.add(at);
  for (let at = 1; at <= 4; at += 1) void crowd.submit('start', at, {}, null);
  const healthy = [5, 6, 7, 8].map((at) => crowd.submit('start', at));
  await crowd.world.time.advance(LIMIT.holdMs + 2 * CREATE_MS + 1);
  for (const result of await Promise.all(healthy)) assert.deepEqual(result, DONE);
});

it('gives a slot back at the deadline and its grace, also to what ignores its abort', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 11);
  for (let at = 1; at <= 10; at += 1) crowd.hung.add(at);
  for (let at = 1; at <= 10; at += 1) void crowd.submit('start', at, {}, null);
  const healthy = crowd.submit('start', 11, {}, 5_000);
  // 6 of the 10 hang for 10 s and 5 s of grace, then the other 4 for 3 s.
  await crowd.world.time.advance(15_000 + LIMIT.holdMs + CREATE_MS + 1);
  assert.deepEqual(await healthy, DONE);
});

it('restarts few at a time what fell due while it was away, and a stop comes first', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 501, { hostConfig: { ...hostConfig, ...ALWAYS } });
  const starts = Array.from({ length: 501 }, (_, at) => crowd.submit('start', at + 1));
  await crowd.world.time.advance(126 * CREATE_MS);
  await Promise.all(starts);
  for (let at = 1; at <= 500; at += 1) crowd.exits.get(at)?.(EXIT);
  await quiet();
  assert.deepEqual(crowd.stateOf(1), { restarting: 'waiting' });
  await crowd.world.crash();
  crowd.created.length = 0;
  crowd.atWork = 0;
  crowd.most = 0;
  // The outage: far longer than any pause before a restart.
  await crowd.world.time.advance(3_600_000);
  crowd.world.system.start();
  await crowd.world.time.advance(1);
  assert.deepEqual(await crowd.submit('stop', 501), DONE);
  assert.deepEqual(crowd.created, []);
  await crowd.world.time.advance((500 / SLOTS) * CREATE_MS);
  assert.equal(crowd.created.length, 500);
  assert.equal(crowd.most, SLOTS);
  assert.deepEqual(crowd.world.stopped, []);
});

it('dispatches open rows again within the limit', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 100);
  for (let at = 1; at <= 100; at += 1) void crowd.submit('start', at, {}, null);
  await quiet();
  await crowd.world.crash();
  crowd.created.length = 0;
  crowd.atWork = 0;
  crowd.most = 0;
  crowd.world.system.start();
  await crowd.world.time.advance((100 / SLOTS) * CREATE_MS + 1);
  assert.equal(crowd.most, SLOTS);
  assert.equal(crowd.created.length, 100);
});

it('fires a timer that fell due during an outage after one try of what was begun', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 1);
  const start = crowd.submit('start', 1);
  await crowd.world.time.advance(CREATE_MS);
  await start;
  crowd.hung.add(1);
  void crowd.submit('kill', 1, { signal: 9 }, null);
  void crowd.submit('stop', 1, { timeoutMs: 1_000 }, null);
  await quiet();
  await crowd.world.crash();
  await crowd.world.time.advance(60_000);
  crowd.hung.clear();
  crowd.world.system.start();
  await crowd.world.time.advance(1);
  const facts = crowd.world.types(containerStream(idOf(1)));
  assert.ok(!facts.includes('container.stop-timed-out'), facts.join());
  assert.ok(crowd.world.types(taskStream(idOf(1), 1)).includes('task.exited'));
});

it('says how much is at work and how much waits, and since when', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 10);
  for (let at = 1; at <= 10; at += 1) void crowd.submit('start', at, {}, null);
  await crowd.world.time.advance(250);
  assert.deepEqual(crowd.world.system.counts(), {
    open: 10,
    classes: {
      'task.create': { running: 4, lent: 0, queued: 6, oldestQueuedMs: 250 },
      'task.kill': { running: 0, lent: 0, queued: 0, oldestQueuedMs: 0 },
    },
  });
  await crowd.world.time.advance(3 * CREATE_MS);
  const { open, classes } = crowd.world.system.counts();
  assert.deepEqual([open, classes['task.create']?.running], [10, 0]);
});

it('restarts by policy after the rest of the pause, not after all of it again', async () => {
  const crowd = new Crowd();
  await crowd.make(1, 1, { hostConfig: { ...hostConfig, ...ALWAYS } });
  const start = crowd.submit('start', 1);
  await crowd.world.time.advance(CREATE_MS);
  await start;
  crowd.exits.get(1)?.(EXIT);
  await quiet();
  // Of the 100 ms of the first pause 40 pass, then 20 while no daemon is there.
  await crowd.world.time.advance(40);
  await crowd.world.crash();
  await crowd.world.time.advance(20);
  crowd.world.system.start();
  await crowd.world.time.advance(39);
  assert.deepEqual(crowd.stateOf(1), { restarting: 'waiting' });
  await crowd.world.time.advance(1);
  assert.equal(crowd.stateOf(1), 'starting');
});
