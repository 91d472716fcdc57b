/**
 * `npm run crash -- --all | --seed N [--others N] [--only TEXT] [--stages N]`: strikes at every
 * point, or at a share of them by the seed, of which `npm test` plays a part; a line for each, a
 * table at the end. `--only` keeps those whose name has the text.
 *
 * The strikes at one point are played by one stage, one after the other: the first of them tells
 * who is there to be killed. Where the shim is not, "daemon + shim" is "daemon", which is played
 * itself: it is not played again.
 */
import { parseArgs } from 'node:util';
import {
  effectOf,
  everyStrike,
  nameOf,
  type Strike,
  sameAs,
  slice,
  VICTIMS,
  type Victim,
} from './points.ts';
import { seedOfToday } from './seeded.ts';
import { Stage } from './stage.ts';
import { type Struck, strike } from './strike.ts';
import { recordPoints, unreached } from './visits.ts';

interface Outcome {
  readonly wanted: Strike;
  readonly struck?: Struck;
  readonly error?: Error;
}

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(seedOfToday()) },
    others: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    stages: { type: 'string', default: '3' },
  },
});
/** A log grows, and is read as a whole after each strike: then a new daemon takes over. */
const STRIKES_A_STAGE = 40;

const began = performance.now();
const points = await recorded();
const missing = unreached(points);
const every = values.all
  ? everyStrike(points, Number(values.seed))
  : slice(points, Number(values.seed), Number(values.others));
const strikes = every.filter((one) => nameOf(one).includes(values.only));
console.log(
  `${points.length} points, ${strikes.length} strikes, ` +
    `${values.all ? 'all of them' : 'a share'}, seed ${values.seed}`,
);
const queue = [...Map.groupBy(strikes, ({ point }) => point).values()];
const outcomes: Outcome[] = [];
let same = 0;
let broken = 0;
// What is under way is brought to its end, and the table says how far it came.
process.once('SIGINT', () => queue.splice(0));
await Promise.all(Array.from({ length: Number(values.stages) }, () => work()));
printTable();
const failures = outcomes.filter(({ error }) => error !== undefined);
for (const { wanted, error } of failures) console.log(`\n${nameOf(wanted)}\n  ${error?.message}`);
if (missing.length > 0) console.log(`no operation comes by ${missing.join(', ')}`);
const held = outcomes.length - failures.length;
const seconds = Math.round((performance.now() - began) / 1_000);
console.log(
  `\n${outcomes.length} strikes in ${seconds} s: ${held} held, ${failures.length} did not; ` +
    `${same} more would have been the same as one of them`,
);
const unplayed = strikes.length - outcomes.length - same;
if (unplayed > 0) console.log(`${unplayed} were not played`);
process.exitCode = failures.length + missing.length + unplayed + broken === 0 ? 0 : 1;

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
  strikes: readonly Strike[],
): Promise<{ readonly rest: Strike[]; readonly failed: boolean }> {
  const all = strikes.map(({ victims }) => victims);
  let there: readonly Victim[] | undefined;
  for (const [at, wanted] of strikes.entries()) {
    const other = there && sameAs(wanted.victims, there, all);
    if (other !== undefined) {
      same += 1;
      console.log(`  ${nameOf(wanted)}: the same as ${other}`);
      continue;
    }
    const outcome = await played(stage, wanted);
    there ??= outcome.struck?.there;
    if (outcome.error !== undefined) return { rest: strikes.slice(at + 1), failed: true };
  }
  return { rest: [], failed: false };
}

async function played(stage: Stage, wanted: Strike): Promise<Outcome> {
  const began = performance.now();
  let outcome: Outcome;
  try {
    outcome = { wanted, struck: await strike(stage, wanted) };
  } catch (error) {
    outcome = { wanted, error: error instanceof Error ? error : new Error(String(error)) };
  }
  outcomes.push(outcome);
  const ms = Math.round(performance.now() - began);
  const word = outcome.error === undefined ? 'held' : 'DID NOT HOLD';
  console.log(`${outcomes.length} ${word} ${nameOf(wanted)} (${ms} ms)`);
  if (outcome.error !== undefined) console.log(`  ${outcome.error.message}`);
  return outcome;
}

function atTheEnd(error: Error): void {
  broken += 1;
  console.log(`A STAGE LEFT SOMETHING BEHIND: ${error.message}`);
}

function printTable(): void {
  const effects = [...new Set(points.map(effectOf))];
  const width = Math.max(...effects.map((effect) => effect.length));
  const heads = VICTIMS.map((victims) => victims.map((one) => one.slice(0, 4)).join('+'));
  console.log(`\n${'held/struck'.padEnd(width)}  ${heads.join('  ')}`);
  for (const effect of effects) {
    const cells = VICTIMS.map((victims, at) => {
      const same = outcomes.filter(
        ({ wanted }) =>
          effectOf(wanted.point) === effect && wanted.victims.join() === victims.join(),
      );
      const held = same.filter(({ error }) => error === undefined).length;
      return `${held}/${same.length}`.padStart(heads[at]?.length ?? 0);
    });
    console.log(`${effect.padEnd(width)}  ${cells.join('  ')}`);
  }
  const absent = outcomes.filter(({ struck }) => struck?.killed.length === 0).length;
  if (absent > 0) console.log(`in ${absent} of them nobody was there to be killed`);
}
