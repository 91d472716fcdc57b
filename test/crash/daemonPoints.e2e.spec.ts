/**
 * `kill -9` of the daemon at every boundary of every effect: the next daemon carries on, nothing is
 * done twice that matters, and nothing is left behind. A container beside it notices nothing.
 * With SHIPLOG_CRASH=all every visit of a boundary counts, not only the first.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';
import {
  acceptedCommands,
  assertConverges,
  assertLeaks,
  assertLogSound,
  assertNoBug,
  assertNoTrace,
  newestContainer,
} from './invariants.ts';
import { crashPoints, nameOf, type Point } from './points.ts';
import { expectedStatus, inspect, liveOn, statusOf, untilDeath } from './scenario.ts';

const POINTS = crashPoints(process.env['SHIPLOG_CRASH'] === 'all' ? 2 : 1);
/** Daemons at a time, each with a share of the points: most of the time is waiting. */
const DAEMONS = 3;

/** A daemon with a container that is to run through all that happens to the daemon. */
class Stage {
  readonly daemon: TemporaryDaemon;
  readonly #atRest: readonly string[];
  readonly #bystander: unknown;

  private constructor(daemon: TemporaryDaemon, bystander: unknown) {
    this.daemon = daemon;
    this.#atRest = daemon.leaks();
    this.#bystander = bystander;
  }

  static async open(): Promise<Stage> {
    const daemon = await startTemporaryDaemon();
    const { archive } = await buildBusyboxImage();
    await daemon.dockerWith({ input: archive }, 'load');
    const run = ['run', '-d', '--name', 'bystander', 'busybox', 'sleep', '3600'];
    const { code, stderr } = await daemon.docker(...run);
    assert.equal(code, 0, stderr);
    return new Stage(daemon, await stateOf(daemon, 'bystander'));
  }

  /** Nothing is there but the bystander, and that as if nothing had happened. */
  async assertAtRest(removed: string): Promise<void> {
    await assertLeaks(this.daemon, this.#atRest);
    assert.deepEqual(await stateOf(this.daemon, 'bystander'), this.#bystander);
    if (removed !== '') assertNoTrace(this.daemon, removed);
  }
}

async function stateOf(daemon: TemporaryDaemon, name: string): Promise<unknown> {
  return JSON.parse((await inspect(daemon, name)).body).State;
}

/** At each start the wait for the bystander's exit begins anew: one visit more. */
function armed(point: Point): string {
  const again = point.effect === 'task.await-exit' && point.boundary === 'before' ? 1 : 0;
  return nameOf({ ...point, n: point.n + again });
}

async function diesAt(stage: Stage, point: Point): Promise<void> {
  const { daemon } = stage;
  const container = nameOf(point).replaceAll(':', '-');
  await daemon.restart({ SHIPLOG_FAILPOINT: armed(point) });
  const at = await untilDeath(daemon, container);
  assert.notEqual(at, -1, 'the point was never reached');
  await daemon.restart();
  await assertConverges(daemon);
  const id = newestContainer(daemon, container);
  const expected = expectedStatus(at, acceptedCommands(daemon, id));
  assert.equal(await statusOf(daemon, container), expected);
  await liveOn(daemon, container);
  await assertConverges(daemon);
  await stage.assertAtRest(id);
  assertLogSound(daemon);
  assertNoBug(daemon);
}

describe('the daemon dies', { concurrency: DAEMONS }, () => {
  for (let share = 0; share < DAEMONS; share += 1) {
    describe(`beside container ${share}`, { concurrency: 1 }, () => {
      let stage: Stage;
      before(async () => {
        stage = await Stage.open();
      });
      after(() => stage.daemon.stop());
      for (const point of POINTS.filter((_, at) => at % DAEMONS === share)) {
        test(`at ${nameOf(point)}, and the next one carries on`, () => diesAt(stage, point));
      }
    });
  }
});
