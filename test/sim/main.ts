/**
 * `npm run sim -- --seed N [--seeds COUNT] [--trace]`: plays seeds, prints what does not hold with
 * the one command that repeats it.
 */
import { parseArgs } from 'node:util';
import { problems } from './checkers.ts';
import { simulate } from './simulation.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.seeds);
let failures = 0;
for (let seed = first; seed < first + count; seed += 1) {
  const { wrong, trace } = await simulate({ seed }, (simulated) => ({
    wrong: problems(simulated),
    trace: simulated.trace,
  }));
  if (values.trace) console.log(trace.join('\n'));
  if (wrong.length === 0) continue;
  failures += 1;
  console.log(
    `seed ${seed}:\n  ${wrong.join('\n  ')}\n  again: npm run sim -- --seed ${seed} --trace`,
  );
}
console.log(`${count - failures} seeds passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
