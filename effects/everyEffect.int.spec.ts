/**
 * Every handler of the registry on a real containerd, without opting in (everyEffect.fixture.ts):
 * done twice with the same input it gives the same answer and leaves the same world; broken off at
 * any moment and done again, too; its undo leads back, and does nothing when it is done again.
 */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { HandledEffectType } from '../machines/effects.ts';
import { RUN_LABEL } from './container/runRecord.ts';
import { makeWorld, type World } from './container/world.fixture.ts';
import { CASES, type Case, type Prepare } from './everyEffect.fixture.ts';
import { EffectFailure } from './failure.ts';
import { sleep } from './system/clock.ts';
import { codeOf } from './system/libc.ts';
import { mountPoints } from './system/mounts.ts';

/** Milliseconds after which a try is broken off. */
const MOMENTS = [0, 10, 40];
const TRIES = 100;

let world: World;
before(async () => {
  world = await makeWorld();
});
after(() => world.close());

/** Everything in this world: what containerd keeps, mounts, FIFOs, files. */
async function look(): Promise<readonly string[]> {
  const { roots } = world.deps;
  const lines = [
    ...(await atContainerd()),
    ...mountPoints().filter((path) => path.startsWith(`${world.directory}/`)),
    ...(await entries(join(roots.execRoot, 'roots'), false)),
    ...(await entries(join(roots.dataRoot, 'containers'), true)),
    ...(await entries(join(roots.dataRoot, 'volumes'), true)),
    ...(await entries(join(roots.execRoot, 'stdio'), true)),
    ...(await entries('/sys/class/net', false)).filter(isOurs),
    ...(await entries('/run/netns', false)).filter(isOurs),
  ];
  return lines.filter((line) => !STAYS.test(line)).sort();
}

const isOurs = (name: string): boolean => name.startsWith(world.networks.prefix);

/** Of the stdio process itself; a log, which its container keeps; an image's init layer. */
const STAYS = /^(?:stdio\.log|\.compiled)|-json\.log$|^snapshot init-/;

async function atContainerd(): Promise<readonly string[]> {
  const { containerd, snapshotter } = world.deps;
  const { containers, tasks, leases, snapshots, images, content } = containerd;
  return [
    ...(await containers.list()).map(({ id, labels }) => `record ${id} ${labels[RUN_LABEL]}`),
    ...(await tasks.list()).map(({ id, status, pid }) => `task ${id} ${status} ${pid}`),
    ...(await leases.list()).map(({ id }) => `lease ${id}`),
    ...(await snapshots.list(snapshotter)).map(({ name, kind }) => `snapshot ${name} ${kind}`),
    ...(await images.list()).map(({ name, target }) => `image ${name} ${target.digest}`),
    ...(await content.list()).map(({ digest }) => `content ${digest}`),
  ];
}

async function entries(root: string, recursive: boolean): Promise<readonly string[]> {
  try {
    return await readdir(root, { recursive });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

interface How {
  /** Lines that are left out of both are not looked at. */
  readonly counts?: ((line: string) => boolean) | undefined;
  /** Done between two looks. */
  readonly again?: (() => Promise<unknown>) | undefined;
}

/** The same within some seconds: shims and containerd's collector have a moment. */
async function assertWorld(
  wanted: readonly string[],
  what: string,
  { counts = () => true, again }: How = {},
): Promise<void> {
  const there = async () => (await look()).filter(counts);
  const expected = wanted.filter(counts);
  let seen = await there();
  for (let left = TRIES; left > 0 && !isDeepStrictEqual(seen, expected); left -= 1) {
    await sleep(50);
    await again?.();
    seen = await there();
  }
  assert.deepEqual(seen, expected, what);
}

/** As the agenda does it: what nobody knows is looked at again. */
async function done<T extends HandledEffectType>(type: T, { subject, params }: Case<T>) {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await world.run(type, subject, params);
    } catch (error) {
      const known = !(error instanceof EffectFailure) || error.kind === 'failed';
      if (known || left === 0) throw error;
      await sleep(50);
    }
  }
}

/** Begins, and is gone after so many milliseconds. */
async function brokenOff<T extends HandledEffectType>(type: T, one: Case<T>, ms: number) {
  try {
    await world.run(type, one.subject, one.params, AbortSignal.timeout(ms));
  } catch (error) {
    if (!(error instanceof EffectFailure) || error.kind === 'failed') throw error;
  }
}

async function assertTwice<T extends HandledEffectType>(type: T, one: Case<T>, what: string) {
  const same = one.same ?? ((answer) => answer);
  const answer = await done(type, one);
  const once = await look();
  assert.deepEqual(same(await done(type, one)), same(answer), what);
  await assertWorld(once, what);
}

function scaffold<T extends HandledEffectType>(type: T): void {
  const prepare: Prepare<T> = CASES[type];

  test(`${type} done twice gives one answer and one world`, async () => {
    const one = await prepare(world, look);
    await assertTwice(type, one, 'at the second time');
    await one.end();
  });

  for (const ms of MOMENTS) {
    test(`${type} broken off after ${ms} ms is done by the next try`, async () => {
      const one = await prepare(world, look);
      await brokenOff(type, one, ms);
      await assertTwice(type, one, 'after it was broken off');
      await one.end();
    });
  }

  test(`${type} is taken back by its undo, done or broken off, once or twice`, async (t) => {
    const { undo } = world.registry[type];
    if (typeof undo !== 'string') return t.skip(undo.none);
    for (const ms of [null, ...MOMENTS]) {
      const one = await prepare(world, look);
      const base = one.base ?? (await look());
      if (ms === null) await done(type, one);
      else await brokenOff(type, one, ms);
      // What takes it back is asked for by the same actor, of the same run.
      const takeBack = () => done(undo as T, { ...one, subject: one.later ?? one.subject });
      const again = one.shimMayBeLate && takeBack;
      for (let time = 1; time <= 2; time += 1) {
        await takeBack();
        const what = `${ms ?? 'done'}, taken back ${time} times`;
        await assertWorld(base, what, { counts: one.answersFor, again });
      }
      await one.end();
    }
  });
}

test('every row of the registry has a world to be done in', () => {
  assert.deepEqual(Object.keys(CASES).sort(), Object.keys(world.registry).sort());
});

describe('every effect', () => {
  for (const type of Object.keys(CASES) as HandledEffectType[]) scaffold(type);
});
