/**
 * `npm run sim -- --seed N [--seeds COUNT] [--mutant NAME] [--trace]`: plays seeds, prints what
 * does not hold with the one command that repeats it. With a mutant it succeeds when a seed has
 * found it, and says which. Many seeds are shared out to as many processes as there are cores.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { problems } from './checkers/all.ts';
import { MUTANTS } from './mutants.ts';
import { simulate } from './simulation.ts';
import { asItIs, type Wiring } from './wiring.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    mutant: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});
/** Seeds that one process plays before the next share is given out. */
const SHARE = 50;

interface Played {
  readonly failed: number;
  readonly played: number;
}

/** Plays them one after the other; with a mutant, until one has found it. */
async function play(first: number, count: number, wiring: Wiring): Promise<Played> {
  let failed = 0;
  let played = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    played += 1;
    const { wrong, trace } = await simulate({ seed, wiring }, (simulated) => ({
      wrong: problems(simulated),
      trace: simulated.trace,
    }));
    if (values.trace) console.log(trace.join('\n'));
    if (wrong.length === 0) continue;
    failed += 1;
    const flag = values.mutant === undefined ? '' : ` --mutant ${values.mutant}`;
    const again = `npm run sim -- --seed ${seed}${flag} --trace`;
    console.log(`seed ${seed}:\n  ${wrong.join('\n  ')}\n  again: ${again}`);
    if (values.mutant !== undefined) break;
  }
  return { failed, played };
}

/** The same in other processes, a share at a time; prints what they found, and counts it. */
async function shareOut(first: number, count: number): Promise<Played> {
  const run = promisify(execFile);
  let failed = 0;
  let next = first;
  const worker = async (): Promise<void> => {
    for (let from = next; from < first + count; from = next) {
      const seeds = Math.min(SHARE, first + count - from);
      next = from + seeds;
      const words = ['--seed', String(from), '--seeds', String(seeds)];
      const play = run(process.execPath, [import.meta.filename, ...words], { maxBuffer: 2 ** 26 });
      const output = await play.then(
        ({ stdout }) => stdout,
        (error: unknown) => String(Object(error)['stdout']) || String(error),
      );
      const lines = output.trimEnd().split('\n');
      const [, passed = '0'] = /^(\d+) seeds passed/.exec(lines.pop() ?? '') ?? [];
      failed += seeds - Number(passed);
      for (const line of lines) console.log(line);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return { failed, played: count };
}

const { mutant, trace } = values;
const first = Number(values.seed);
const count = Number(values.seeds);
const wiring = mutant === undefined ? asItIs : MUTANTS[mutant];
if (wiring === undefined) {
  console.error(`no mutant ${mutant}; there are: ${Object.keys(MUTANTS).join(' ')}`);
  process.exit(2);
}
const many = count > SHARE && mutant === undefined && !trace;
const { failed, played } = await (many ? shareOut(first, count) : play(first, count, wiring));
if (mutant === undefined) {
  console.log(`${count - failed} seeds passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} else {
  const found = failed > 0 ? `found by seed number ${played}` : `not found in ${count} seeds`;
  console.log(`mutant ${mutant}: ${found}`);
  process.exitCode = failed > 0 ? 0 : 1;
}
