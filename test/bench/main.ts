/**
 * `npm run bench [-- --only NAME,…] [--rounds N] [--facts N] [--log FILE] [--many N]
 * [--json FILE]`. Medians and ratios: single timings of a shared machine say nothing, and nothing
 * here is asserted.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { type Contenders, startContenders } from './contenders.ts';
import { crowd } from './crowd.ts';
import { events } from './events.ts';
import { execs } from './execs.ts';
import { createRemove, lists } from './lists.ts';
import { logRates } from './logRates.ts';
import { names, networks } from './networks.ts';
import { output } from './output.ts';
import { Report } from './report.ts';
import { rest } from './rest.ts';
import { cli, parallel, runs } from './runs.ts';
import { start } from './start.ts';
import { subscriber } from './subscriber.ts';

/** Rest is first: what the others did would weigh on it. */
const BENCHES: readonly Bench[] = [
  rest,
  runs,
  cli,
  parallel,
  createRemove,
  lists,
  networks,
  names,
  execs,
  output,
  events,
  crowd,
  start,
  logRates,
  subscriber,
];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    facts: { type: 'string', default: '1000000' },
    log: { type: 'string' },
    many: { type: 'string', default: '3000' },
    json: { type: 'string' },
  },
});

const wanted = values.only?.split(',') ?? BENCHES.map(({ name }) => name);
const unknown = wanted.filter((asked) => !BENCHES.some(({ name }) => name === asked));
if (unknown.length > 0) {
  const known = BENCHES.map(({ name, about }) => `  ${name.padEnd(10)}${about}`);
  process.stderr.write(`no bench ${unknown.join(', ')}; there are:\n${known.join('\n')}\n`);
  process.exit(2);
}

let started: Promise<Contenders> | undefined;
const contenders = (): Promise<Contenders> => {
  started ??= startContenders();
  return started;
};
const report = new Report();
try {
  for (const bench of BENCHES.filter(({ name }) => wanted.includes(name))) {
    report.begin(bench.name, bench.about);
    await bench.run(
      {
        facts: Number(values.facts),
        many: Number(values.many),
        contenders,
        ...(values.rounds === undefined ? {} : { rounds: Number(values.rounds) }),
        ...(values.log === undefined ? {} : { log: values.log }),
      },
      report,
    );
  }
} finally {
  await (await started)?.stop();
  if (values.json !== undefined) writeFileSync(values.json, report.json());
}
process.exit(0);
