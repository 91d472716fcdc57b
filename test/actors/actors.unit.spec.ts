/** Mailbox, append, agenda and deadlines on a real log, with a world that the test plays. */
import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import type { ContainerCommand } from '../../machines/container.commands.ts';
import { containerStream, taskStream } from '../../machines/container.decide.ts';
import { containerFamily } from '../../machines/container.family.ts';
import type { Family } from '../../machines/decision.ts';
import { commands, ID } from '../../machines/samples.fixture.ts';
import type { EffectResult } from '../../machines/words.ts';
import { failed, Harness, ok, quiet, type WorldEffect } from './harness.ts';

let harness: Harness | undefined;
afterEach(() => {
  harness?.close();
  harness = undefined;
});

const EXIT = { code: 3, atNs: '5', oomKilled: false, outputEnded: true, evidence: 'STOPPED' };

/** A world in which everything works and a process runs until `exit` is called. */
function world(change: Record<string, WorldEffect> = {}) {
  const exit = Promise.withResolvers<EffectResult>();
  const effects: Record<string, WorldEffect> = {
    'root.prepare': () => ok({ snapshotter: 'overlayfs' }),
    'task.create': () => ok({ pid: 77, startTime: '4711', bootId: 'b' }),
    'task.start': () => ok({ pid: 77 }),
    'task.await-exit': () => exit.promise,
    'task.kill': () => ok(),
    'task.pause': () => ok(),
    'task.resume': () => ok(),
    'run.clean': () => ok(),
    'container.erase': () => ok(),
    ...change,
  };
  return { effects, exit: () => exit.resolve(ok(EXIT)) };
}

function submit(name: string, change: object = {}, deadlineMs: number | null = 60_000) {
  const command = { ...commands[name], ...change } as ContainerCommand;
  const origin = { request: 'r1', caller: { kind: 'unix' as const, uid: 0 }, deadlineMs };
  assert.ok(harness);
  return harness.system.submit(harness.container, command, origin);
}

const DONE = { kind: 'done' };

/** As the system holds it, for tests that break a part of it. */
const family: Family = containerFamily;

it('carries a container to its end, and tells each caller when it has happened', async () => {
  const { effects, exit } = world();
  harness = new Harness(effects);
  assert.deepEqual(await submit('create'), DONE);
  assert.deepEqual(await submit('start'), DONE);
  exit();
  await quiet();
  assert.deepEqual(await submit('remove'), DONE);
  assert.deepEqual(harness.types(taskStream(ID, 1)), [
    'task.created',
    'task.started',
    'task.exited',
    'task.deleted',
  ]);
  assert.deepEqual(harness.log.agenda(), []);
  assert.deepEqual(harness.stopped, []);
});

it('writes a fact before the effect it calls for begins', async () => {
  const { effects } = world({
    'root.prepare': () => {
      assert.deepEqual(harness?.types(containerStream(ID)), ['container.create-requested']);
      return ok({ snapshotter: 'overlayfs' });
    },
  });
  harness = new Harness(effects);
  assert.deepEqual(await submit('create'), DONE);
});

it('refuses a name that another container holds, and changes nothing', async () => {
  harness = new Harness(world().effects);
  await submit('create');
  const other = 'd'.repeat(64);
  const result = await submit('create', { id: other });
  assert.deepEqual(result, {
    kind: 'refused',
    refusal: { kind: 'name-in-use', name: 'web', holder: ID },
  });
  assert.deepEqual(harness.types(containerStream(other)), []);
});

it('gives a name to exactly one of two creates in the same loop turn', async () => {
  harness = new Harness(world().effects);
  const other = 'd'.repeat(64);
  const results = await Promise.all([submit('create'), submit('create', { id: other })]);
  assert.deepEqual(results.map(({ kind }) => kind).sort(), ['done', 'refused']);
});

it('dispatches after a crash what the log has open, and nothing else', async () => {
  const never = new Promise<EffectResult>(() => undefined);
  const { effects } = world({ 'task.create': () => never });
  harness = new Harness(effects);
  await submit('create');
  void submit('start');
  await quiet();
  await harness.crash();
  harness.done.length = 0;
  effects['task.create'] = () => ok({ pid: 77, startTime: '4711', bootId: 'b' });
  harness.system.start();
  await quiet();
  assert.deepEqual(harness.done, ['task.create', 'task.start', 'task.await-exit']);
  assert.equal(harness.log.state(containerStream(ID))?.value, 'running');
});

it('keeps the time that a stop had left across a crash', async () => {
  const { effects } = world();
  harness = new Harness(effects);
  await submit('create');
  await submit('start');
  void submit('stop', { timeoutMs: 8_000 });
  await harness.time.advance(5_000);
  await harness.crash();
  harness.system.start();
  await harness.time.advance(2_000);
  assert.ok(!harness.types(containerStream(ID)).includes('container.stop-timed-out'));
  await harness.time.advance(1_500);
  assert.ok(harness.types(containerStream(ID)).includes('container.stop-timed-out'));
});

it('tries for ever while the other side is away', async () => {
  let tries = 0;
  const away: EffectResult = { ok: false, error: { kind: 'unavailable', message: 'away' } };
  const { effects } = world({ 'task.create': () => (++tries < 20 ? away : failed('bad config')) });
  harness = new Harness(effects);
  await submit('create');
  const start = submit('start', {}, null);
  await harness.time.advance(600_000);
  assert.equal(tries, 20);
  assert.deepEqual(await start, {
    kind: 'refused',
    refusal: { kind: 'start-failed', message: 'bad config', exitCode: 128 },
  });
});

it('lets a hanging effect hold its own container only', async () => {
  const never = new Promise<EffectResult>(() => undefined);
  const { effects } = world({ 'task.create': ({ id }) => (id === ID ? never : ok({ pid: 1 })) });
  harness = new Harness(effects);
  await submit('create');
  void submit('start');
  const other = 'd'.repeat(64);
  assert.deepEqual(await submit('create', { id: other, name: 'other' }), DONE);
  assert.deepEqual(await submit('start', { id: other }), DONE);
});

it('tells a caller at the deadline what the container is waiting for', async () => {
  const never = new Promise<EffectResult>(() => undefined);
  harness = new Harness(world({ 'task.create': () => never }).effects);
  await submit('create');
  void submit('start');
  await quiet();
  const pause = submit('pause', {}, 1_000);
  await harness.time.advance(1_500);
  assert.deepEqual(await pause, {
    kind: 'refused',
    refusal: { kind: 'busy', id: ID, waitingFor: 'starting' },
  });
});

it("reads the host's busy ports for the inputs that want them, and no others", async () => {
  const seen: unknown[] = [];
  harness = new Harness(world().effects, {
    ...family,
    wantsBusyPorts: (_, input) => input.kind === 'command' && input.command.type === 'start',
    decide(view, input) {
      seen.push([input.kind === 'command' ? input.command.type : input.kind, input.busyPorts]);
      return family.decide(view, input);
    },
  });
  harness.busyPorts = [8080];
  await submit('create');
  await submit('start');
  assert.equal(harness.portsRead, 1);
  assert.deepEqual(
    seen.filter((one) => JSON.stringify(one).includes('8080')),
    [['start', [8080]]],
  );
  await submit('pause');
  await submit('rename');
  assert.equal(harness.portsRead, 1);
});

it('stops one actor at a bug, tells so, and lets it still be removed by force', async () => {
  const illegal = { stream: containerStream(ID), fact: { type: 'container.paused', data: {} } };
  const buggy: Family<ContainerCommand> = {
    ...containerFamily,
    decide: (view, input) =>
      input.kind === 'command' && input.command.type === 'rename'
        ? { kind: 'facts', drafts: [illegal] }
        : containerFamily.decide(view, input),
  };
  harness = new Harness(world().effects, buggy);
  await submit('create');
  const reason = 'container in state {"created":"clean"} can not take container.paused';
  const stream = containerStream(ID);
  const stopped = { kind: 'refused', refusal: { kind: 'actor-stopped', stream, reason } };
  assert.deepEqual(await submit('rename'), stopped);
  assert.deepEqual(await submit('start'), stopped);
  assert.deepEqual(harness.stopped, [`${stream}: ${reason}`]);
  assert.deepEqual(await submit('create', { id: 'd'.repeat(64), name: 'other' }), DONE);
  assert.deepEqual(await submit('remove', { force: true }), DONE);
});

it('stops an actor alone when the subject of its effect can not be had', async () => {
  let broken = false;
  harness = new Harness(world().effects, {
    ...family,
    subject(view, stream) {
      if (broken) throw new Error('snapshot was altered');
      return family.subject(view, stream);
    },
    decide(view, input) {
      if (broken && input.kind === 'outcome') throw new Error('snapshot was altered');
      return family.decide(view, input);
    },
  });
  await submit('create');
  broken = true;
  const result = await submit('start');
  assert.equal(result.kind === 'refused' && result.refusal.kind, 'actor-stopped');
  assert.equal(harness.stopped.length, 1);
});

it('tells the commands that were deferred when the actor is stopped', async () => {
  const creating = Promise.withResolvers<EffectResult>();
  let broken = false;
  harness = new Harness(world({ 'root.prepare': () => creating.promise }).effects, {
    ...family,
    decide(view, input) {
      if (broken && input.kind === 'outcome') throw new Error('a bug');
      return family.decide(view, input);
    },
  });
  void submit('create');
  const deferred = submit('start', {}, null);
  await quiet();
  broken = true;
  creating.resolve(ok({ snapshotter: 'overlayfs' }));
  const result = await deferred;
  assert.equal(result.kind === 'refused' && result.refusal.kind, 'actor-stopped');
});

it('lets stop and its exit through a full disk with the reserve, not the rest', async () => {
  const { effects, exit } = world({
    'task.kill': () => {
      exit();
      return ok();
    },
  });
  harness = new Harness(effects);
  await submit('create');
  await submit('start');
  const { log } = harness;
  const append = log.append.bind(log);
  let full = true;
  log.append = async (facts, secrets) => {
    const conflict = { kind: 'disk-full' as const, message: 'no space left on device' };
    return full ? { ok: false, conflict } : append(facts, secrets);
  };
  log.releaseReserve = () => {
    const was = full;
    full = false;
    return was;
  };
  const refused = await submit('rename');
  assert.equal(refused.kind === 'refused' && refused.refusal.kind, 'log-failed');
  assert.equal(full, true);
  assert.deepEqual(await submit('stop'), DONE);
});
