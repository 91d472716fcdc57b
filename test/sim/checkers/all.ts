/** What must hold after quiet, whatever happened. */
import type { Simulated } from '../simulation.ts';
import { shortened } from '../truth.ts';
import { adoptionProblems } from './adoption.ts';
import { callerProblems } from './callers.ts';
import { healthProblems } from './health.ts';
import { lifecycleProblems } from './lifecycle.ts';
import { logProblems } from './log.ts';
import { policyProblems } from './policy.ts';
import { projectionProblems } from './projections.ts';
import { runProblems } from './runs.ts';
import { volumeProblems } from './volumes.ts';
import { worldProblems } from './world.ts';

/** Sentences about what is wrong; empty: all invariants hold. */
export function problems(simulated: Simulated): readonly string[] {
  const rows = simulated.log.read(0, 1_000_000);
  return [
    ...simulated.bugs,
    ...logProblems(simulated, rows),
    ...lifecycleProblems(rows),
    ...worldProblems(simulated, rows),
    ...runProblems(simulated, rows),
    ...healthProblems(simulated, rows),
    ...callerProblems(simulated, rows),
    ...policyProblems(rows),
    ...volumeProblems(simulated, rows),
    ...adoptionProblems(simulated, rows),
    ...projectionProblems(simulated, rows),
  ].map(shortened);
}
