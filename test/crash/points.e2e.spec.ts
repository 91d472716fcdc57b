/**
 * `kill -9` at a share of all points, by a seed that changes with the day (SHIPLOG_SEED for another
 * one): the daemon at every boundary of every effect, in an operation that rotates, and some of
 * the strikes at its neighbours. `npm run crash -- --all` plays all of them.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { nameOf, slice } from './points.ts';
import { seedOfToday } from './seeded.ts';
import { Stage } from './stage.ts';
import { strike } from './strike.ts';
import { recordPoints, unreached } from './visits.ts';

const SEED = seedOfToday();
const NEIGHBOURS = 12;
/** Daemons at a time, each with a share of the strikes: most of the time is waiting. */
const STAGES = 3;

const recording = await Stage.open();
const points = await recordPoints(recording).finally(() => recording.close());

test('every effect of the registry is reached by an operation', () => {
  assert.deepEqual(unreached(points), []);
});

describe(`seed ${SEED}`, { concurrency: STAGES }, () => {
  const strikes = slice(points, SEED, NEIGHBOURS);
  for (let share = 0; share < STAGES; share += 1) {
    describe(`share ${share}`, { concurrency: 1 }, () => {
      let stage: Stage;
      before(async () => {
        stage = await Stage.open();
      });
      after(() => stage.close());
      for (const wanted of strikes.filter((_, at) => at % STAGES === share)) {
        test(nameOf(wanted), async () => {
          await strike(stage, wanted);
        });
      }
    });
  }
});
