/**
 * `npm run sim -- --seed N [--seeds COUNT] [--mutant NAME] [--trace]`: plays seeds, prints what
 * does not hold with the one command that repeats it. With a mutant it succeeds when a seed has
 * found it, and says which.
 */
import { parseArgs } from 'node:util';
import { problems } from './checkers/all.ts';
import { MUTANTS } from './mutants.ts';
import { simulate } from './simulation.ts';
import { asItIs } from './wiring.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    mutant: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});
const { mutant } = values;
const wiring = mutant === undefined ? asItIs : MUTANTS[mutant];
if (wiring === undefined) {
  console.error(`no mutant ${mutant}; there are: ${Object.keys(MUTANTS).join(' ')}`);
  process.exit(2);
}
const first = Number(values.seed);
const count = Number(values.seeds);

/** What is wrong after that seed, with what was asked for printed. */
async function play(seed: number): Promise<readonly string[]> {
  const chosen = wiring ?? asItIs;
  const { wrong, trace } = await simulate({ seed, wiring: chosen }, (simulated) => ({
    wrong: problems(simulated),
    trace: simulated.trace,
  }));
  if (values.trace) console.log(trace.join('\n'));
  if (wrong.length === 0) return wrong;
  const flag = mutant === undefined ? '' : ` --mutant ${mutant}`;
  const again = `npm run sim -- --seed ${seed}${flag} --trace`;
  console.log(`seed ${seed}:\n  ${wrong.join('\n  ')}\n  again: ${again}`);
  return wrong;
}

let failed = 0;
let played = 0;
for (let seed = first; seed < first + count; seed += 1) {
  played += 1;
  if ((await play(seed)).length === 0) continue;
  failed += 1;
  if (mutant !== undefined) break;
}
if (mutant === undefined) {
  console.log(`${count - failed} seeds passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} else {
  const found = failed > 0 ? `found by seed number ${played}` : `not found in ${count} seeds`;
  console.log(`mutant ${mutant}: ${found}`);
  process.exitCode = failed > 0 ? 0 : 1;
}
