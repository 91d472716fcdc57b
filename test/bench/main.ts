/**
 * `npm run bench [-- --only NAME,…] [--rounds N] [--facts N] [--log FILE]`. Medians and ratios:
 * single timings of a shared machine say nothing, and nothing here is asserted.
 */
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { logRates } from './logRates.ts';
import { runs } from './runs.ts';
import { start } from './start.ts';

const BENCHES: readonly Bench[] = [runs, start, logRates];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    facts: { type: 'string', default: '1000000' },
    log: { type: 'string' },
  },
});

const names = values.only?.split(',') ?? BENCHES.map(({ name }) => name);
const unknown = names.filter((asked) => !BENCHES.some(({ name }) => name === asked));
if (unknown.length > 0) {
  const known = BENCHES.map(({ name, about }) => `  ${name.padEnd(10)}${about}`);
  process.stderr.write(`no bench ${unknown.join(', ')}; there are:\n${known.join('\n')}\n`);
  process.exit(2);
}
for (const bench of BENCHES.filter(({ name }) => names.includes(name))) {
  console.log(`\n${bench.name}: ${bench.about}`);
  await bench.run({
    facts: Number(values.facts),
    ...(values.rounds === undefined ? {} : { rounds: Number(values.rounds) }),
    ...(values.log === undefined ? {} : { log: values.log }),
  });
}
process.exit(0);
