/**
 * `npm run crash -- --all | --seed N [--others N] [--only TEXT] [--stages N] [--results FILE]`:
 * strikes at every point, or at a share of them by the seed, of which `npm test` plays a part; a
 * line for each, a table at the end. `--only` keeps those whose name has the text. What came of
 * each is written into FILE, and what held according to it is not played again.
 *
 * The strikes at one point are played by one stage, one after the other: the first of them tells
 * who is there to be killed. Where the shim is not, "daemon + shim" is "daemon", which is played
 * itself: it is not played again.
 */
import { parseArgs } from 'node:util';
import { everyStrike, nameOf, type Strike, sameAs, slice } from './points.ts';
import { type Result, Results } from './results.ts';
import { seedOfToday } from './seeded.ts';
import { Stage } from './stage.ts';
import { strike } from './strike.ts';
import { tableOf } from './table.ts';
import { recordPoints, unreached } from './visits.ts';

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(seedOfToday()) },
    others: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    stages: { type: 'string', default: '3' },
    results: { type: 'string' },
  },
});
/** A log grows, and is read as a whole after each strike: then a new daemon takes over. */
const STRIKES_A_STAGE = 40;

const began = performance.now();
const results = new Results(values.results);
const points = await recorded();
const missing = unreached(points);
const every = values.all
  ? everyStrike(points, Number(values.seed))
  : slice(points, Number(values.seed), Number(values.others));
const strikes = every.filter((one) => nameOf(one).includes(values.only));
const wanted = strikes.filter((one) => !results.isOver(one));
console.log(
  `${points.length} points, ${strikes.length} strikes, ` +
    `${values.all ? 'all of them' : 'a share'}, seed ${values.seed}; ` +
    `${strikes.length - wanted.length} of them are over`,
);
const queue = [...Map.groupBy(wanted, ({ point }) => point).values()];
const playing = performance.now();
let played = 0;
let broken = 0;
// What is under way is brought to its end, and the table says how far it came.
process.once('SIGINT', () => queue.splice(0));
await Promise.all(Array.from({ length: Number(values.stages) }, () => work()));
process.exitCode = report() + missing.length + broken === 0 ? 0 : 1;

async function recorded() {
  const stage = await Stage.open();
  try {
    return await recordPoints(stage, (operation, count) => {
      console.log(`${String(count).padStart(4)} points in ${operation}`);
    });
  } finally {
    await stage.close();
  }
}

async function work(): Promise<void> {
  while (queue.length > 0) {
    const stage = await Stage.open();
    try {
      for (let left = STRIKES_A_STAGE; left > 0; ) {
        const next = queue.shift();
        if (next === undefined) break;
        const { rest, failed } = await playedHere(stage, next);
        left -= next.length - rest.length;
        if (rest.length > 0) queue.unshift(rest);
        // The stage may be damaged, the next strike needs another.
        if (failed) break;
      }
    } finally {
      await stage.close().catch(atTheEnd);
    }
  }
}

/** Strikes at one point, until one does not hold; then with those that are left. */
async function playedHere(
  stage: Stage,
  here: readonly Strike[],
): Promise<{ readonly rest: Strike[]; readonly failed: boolean }> {
  for (const [at, one] of here.entries()) {
    const as = anotherThan(one);
    if (as !== undefined) {
      tell(one, { result: 'same', as, ms: 0 });
      continue;
    }
    const began = performance.now();
    const outcome = await outcomeOf(stage, one);
    tell(one, { ...outcome, ms: Math.round(performance.now() - began) });
    if (outcome.result === 'failed') return { rest: here.slice(at + 1), failed: true };
  }
  return { rest: [], failed: false };
}

/** Which other strike it would be, as far as is known who is there. */
function anotherThan({ point, victims }: Strike): string | undefined {
  const here = strikes.filter((other) => nameOf(other).startsWith(nameOf({ point, victims: [] })));
  const there = here.map((other) => results.of(other)?.there).find((some) => some !== undefined);
  const all = here.map((other) => other.victims);
  return there && sameAs(victims, there, all);
}

async function outcomeOf(stage: Stage, one: Strike): Promise<Omit<Result, 'strike' | 'ms'>> {
  try {
    const { there, killed } = await strike(stage, one);
    return { result: 'held', there, ...(killed.length === 0 ? { missed: true } : {}) };
  } catch (error) {
    return { result: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

function tell(one: Strike, result: Omit<Result, 'strike'>): void {
  results.add(one, result);
  played += 1;
  const each = (performance.now() - playing) / played;
  const minutes = Math.ceil(((wanted.length - played) * each) / 60_000);
  const word = result.result === 'failed' ? 'DID NOT HOLD' : result.result;
  const more = result.as === undefined ? `${result.ms} ms` : `as ${result.as}`;
  console.log(
    `${played}/${wanted.length}, ${minutes} min left: ${word} ${nameOf(one)} (${more})` +
      (result.message === undefined ? '' : `\n  ${result.message}`),
  );
}

function atTheEnd(error: Error): void {
  broken += 1;
  console.log(`A STAGE LEFT SOMETHING BEHIND: ${error.message}`);
}

/** @returns how many did not hold or were not played */
function report(): number {
  const { table, counts } = tableOf(strikes, results);
  console.log(`\n${table}`);
  const failures = strikes.filter((one) => results.of(one)?.result === 'failed');
  for (const one of failures) console.log(`\n${nameOf(one)}\n  ${results.of(one)?.message}`);
  if (missing.length > 0) console.log(`no operation comes by ${missing.join(', ')}`);
  const { held, failed, same, missed } = counts;
  const seconds = Math.round((performance.now() - began) / 1_000);
  const before = strikes.length - wanted.length;
  console.log(
    `\n${held + failed} strikes: ${held} held, ${failed} did not; ${same} more would have been ` +
      `the same as one of them; ${played} of all in ${seconds} s, ${before} in runs before`,
  );
  if (missed > 0) console.log(`in ${missed} of them nobody was there to be killed`);
  const unplayed = strikes.length - held - failed - same;
  if (unplayed > 0) console.log(`${unplayed} were not played`);
  return failed + unplayed;
}
