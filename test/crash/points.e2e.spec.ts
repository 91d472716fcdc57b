/**
 * `kill -9` at a share of all points, by a seed that changes with the day (SHIPLOG_SEED for another
 * one): the daemon at boundaries of effects, and some of the strikes at its neighbours, in
 * operations that rotate. `npm run crash` plays every boundary, `-- --all` every strike.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { nameOf, slice } from './points.ts';
import { seedOfToday, shuffled } from './seeded.ts';
import { Stage } from './stage.ts';
import { strike } from './strike.ts';
import { recordPoints, unreached } from './visits.ts';

const SEED = seedOfToday();
const NEIGHBOURS = 20;
/** Of about eighty: the specs of this folder are to take four minutes at most. */
const STRIKES = 24;
/** Daemons at a time, each with a share of the strikes: most of the time is waiting. */
const STAGES = 3;

const recording = await Stage.open();
const points = await recordPoints(recording).finally(() => recording.close());

test('every effect of the registry is reached by an operation', () => {
  assert.deepEqual(unreached(points), []);
});

describe(`seed ${SEED}`, { concurrency: STAGES }, () => {
  const strikes = shuffled(slice(points, SEED, NEIGHBOURS), SEED).slice(0, STRIKES);
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
