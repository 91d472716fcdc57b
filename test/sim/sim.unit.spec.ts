/** A slice of the simulation, and whether it finds what it is for. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { problems } from './checkers/all.ts';
import { MUTANTS } from './mutants.ts';
import { simulate } from './simulation.ts';

/** A new slice each day, the same for all who run it that day. */
const FIRST = Math.floor(Date.now() / 86_400_000) * 100;
const SEEDS = 25;
/** The proof is `npm run sim -- --mutant NAME --seeds 500`. */
const MUTANT_SEEDS = 200;

it(`holds the invariants for ${SEEDS} seeds from ${FIRST}`, async () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
    const wrong = await simulate({ seed }, problems);
    assert.deepEqual(wrong, [], `again: npm run sim -- --seed ${seed} --trace`);
  }
});

it('gives the same trace for the same seed, byte for byte', async () => {
  const once = await simulate({ seed: 7 }, ({ trace }) => trace.join('\n'));
  const twice = await simulate({ seed: 7 }, ({ trace }) => trace.join('\n'));
  assert.equal(twice, once);
  assert.ok(once.length > 1_000);
});

for (const [name, wiring] of Object.entries(MUTANTS)) {
  it(`finds the mutant ${name}`, async () => {
    for (let seed = 1; seed <= MUTANT_SEEDS; seed += 1) {
      if ((await simulate({ seed, wiring }, problems)).length > 0) return;
    }
    assert.fail(`not found in ${MUTANT_SEEDS} seeds`);
  });
}
