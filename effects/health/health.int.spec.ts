/** The handlers of health on a real containerd: probes, their times, and what they leave. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ContainerContext } from '../../machines/container.context.ts';
import type { HealthCheck } from '../../machines/health.check.ts';
import type { HealthContext } from '../../machines/health.machine.ts';
import { makeWorld, type World } from '../container/world.fixture.ts';
import type { HealthSubject } from '../handler.ts';
import { makeRegistry } from '../registry.ts';
import { nowNs, sleep } from '../system/clock.ts';
import { type KeptResult, ProbeJournal } from './probeJournal.ts';

let world: World;
before(async () => {
  world = await makeWorld();
});
after(() => world.close());

async function started(): Promise<ContainerContext> {
  const made = world.context({ Cmd: ['sleep', '600'] });
  await world.run('root.prepare', made, { id: made.id });
  await world.run('task.create', made, { id: made.id, run: 1 });
  await world.run('task.start', made, { id: made.id, run: 1 });
  return made;
}

function subject(
  container: ContainerContext,
  script: string,
  check: Partial<HealthCheck> = {},
  health: Partial<HealthContext> = {},
): HealthSubject {
  const times = { intervalMs: 50, timeoutMs: 20_000, startPeriodMs: 0, startIntervalMs: 50 };
  return {
    container,
    health: {
      container: container.id,
      run: 1,
      check: { argv: ['/bin/sh', '-c', script], retries: 3, ...times, ...check },
      startedAtNs: String(nowNs()),
      status: 'starting',
      streak: 0,
      ...health,
    },
  };
}

const refOf = ({ container: { id } }: HealthSubject) => ({ id, run: 1 });
const watch = (of: HealthSubject) => world.run('health.watch', of, refOf(of));
const results = ({ container: { id } }: HealthSubject) =>
  world.deps.side.kept(`container/${id}`, 'health.result') as object as readonly KeptResult[];
const fifos = (): readonly string[] =>
  readdirSync(join(world.deps.roots.execRoot, 'stdio')).filter((name) => name.startsWith('exec.'));

/** The watch until it is called off. */
async function watchUntil(of: HealthSubject, seen: () => boolean): Promise<void> {
  const over = new AbortController();
  const registry = makeRegistry({ ...world.deps, images: undefined as never });
  const signal = over.signal;
  const watched = registry['health.watch'].do({ params: refOf(of), subject: of, signal });
  const ended = watched.then(
    () => 'answered',
    () => 'called off',
  );
  for (let tries = 0; !seen() && tries < 400; tries += 1) await sleep(25);
  assert.ok(seen());
  over.abort();
  assert.equal(await ended, 'called off');
}

test('it probes until something changes, and answers with that', async () => {
  const container = await started();
  const first = await watch(subject(container, 'exit 0'));
  assert.deepEqual([first.passed, first.exitCode], [true, 0]);
  const turning = subject(
    container,
    'test -e /t && exit 7; test -e /s && touch /t; touch /s',
    {},
    {
      status: 'healthy',
    },
  );
  const second = await watch(turning);
  assert.deepEqual([second.passed, second.exitCode], [false, 7]);
  assert.deepEqual(
    results(turning).map(({ exitCode, streak }) => [exitCode, streak]),
    [
      [0, 0],
      [0, 0],
      [0, 0],
      [7, 1],
    ],
  );
  assert.deepEqual(fifos(), []);
});

test('in the start period a failure is no answer, and is on record', async () => {
  const container = await started();
  const of = subject(container, 'false', { startPeriodMs: 600_000, intervalMs: 600_000 });
  await watchUntil(of, () => results(of).length >= 2);
  assert.ok(results(of).every(({ streak, exitCode }) => streak === 0 && exitCode === 1));
});

test('the failures of an unhealthy container are counted beside the log', async () => {
  const container = await started();
  const of = subject(container, 'false', {}, { status: 'unhealthy', streak: 3 });
  await watchUntil(of, () => results(of).length >= 2);
  assert.deepEqual(
    results(of)
      .slice(0, 2)
      .map(({ streak }) => streak),
    [4, 5],
  );
});

test('a frozen container is not probed, nor is one that has ended', async () => {
  const container = await started();
  await world.run('task.pause', container, { id: container.id, run: 1 });
  const of = subject(container, 'true');
  const looked = Date.now();
  await watchUntil(of, () => Date.now() - looked > 500);
  assert.deepEqual(results(of), []);
  await world.run('task.resume', container, { id: container.id, run: 1 });
  await world.run('run.clean', container, { id: container.id, run: 1 });
  const then = Date.now();
  await watchUntil(of, () => Date.now() - then > 500);
  assert.deepEqual(results(of), []);
});

test('what a probe that was broken off has left is taken away by the next watch', async () => {
  const container = await started();
  const of = subject(container, 'test -e /well || sleep 900');
  const journal = new ProbeJournal(world.deps.side, refOf(of));
  const { tasks } = world.deps.containerd;
  await watchUntil(of, () => fifos().length > 0 && journal.underWay() !== undefined);
  const left = journal.underWay() ?? '';
  assert.match(left, /^[0-9a-f]{64}$/);
  await world.run('exec.start', plainExec(container, 'touch /well'), {
    ...refOf(of),
    exec: 'f'.repeat(64),
  });
  assert.equal((await watch(of)).passed, true);
  await assert.rejects(tasks.get({ containerId: container.id, execId: left }), /not found/);
  const exec = plainExec(container, '');
  await world.run('exec.clean', exec, { ...refOf(of), exec: 'f'.repeat(64) });
  assert.deepEqual(fifos(), []);
});

test('the clean-up of a run takes away what its last probe has left, also twice', async () => {
  const container = await started();
  const of = subject(container, 'sleep 900');
  const journal = new ProbeJournal(world.deps.side, refOf(of));
  await watchUntil(of, () => fifos().length > 0);
  await world.run('run.clean', container, { id: container.id, run: 1 });
  assert.equal(fifos().length, 1);
  await world.run('health.clean', of, refOf(of));
  await world.run('health.clean', of, refOf(of));
  assert.deepEqual([fifos(), journal.underWay()], [[], undefined]);
  journal.keep({ startNs: '1', endNs: '2', exitCode: 0, output: '' }, 0);
  await world.run('container.erase', container, { id: container.id });
  assert.deepEqual(results(of), []);
});

test('a removal takes it away as well, and does not wait for that clean-up', async () => {
  const container = await started();
  const of = subject(container, 'sleep 900');
  await watchUntil(of, () => fifos().length > 0);
  await world.run('run.clean', container, { id: container.id, run: 1 });
  await world.run('container.erase', container, { id: container.id });
  assert.deepEqual(fifos(), []);
  await world.run('health.clean', of, refOf(of));
  assert.deepEqual(fifos(), []);
});

function plainExec(container: ContainerContext, script: string) {
  const plain = { User: '', WorkingDir: '', Privileged: false, DetachKeys: '', Tty: false };
  const attached = { AttachStdin: false, AttachStdout: true, AttachStderr: true };
  return {
    container,
    exec: {
      execId: 'f'.repeat(64),
      container: container.id,
      run: 1,
      config: { Cmd: ['/bin/sh', '-c', script], ...plain, ...attached },
      env: [],
      detach: true,
      pid: 0,
      failure: null,
      exit: null,
    },
  };
}
