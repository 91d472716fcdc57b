/**
 * `npm run crash -- --all | --seed N [--others N] [--only TEXT] [--stages N]`: strikes at every
 * point, or at a share of them by the seed, of which `npm test` plays a part; a line for each, a
 * table at the end. `--only` keeps those whose name has the text.
 */
import { parseArgs } from 'node:util';
import { effectOf, everyStrike, nameOf, type Strike, slice, VICTIMS } from './points.ts';
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
const queue = [...strikes];
const outcomes: Outcome[] = [];
// What is under way is brought to its end, and the table says how far it came.
process.once('SIGINT', () => queue.splice(0));
await Promise.all(Array.from({ length: Number(values.stages) }, () => work()));
printTable();
const failures = outcomes.filter(({ error }) => error !== undefined);
for (const { wanted, error } of failures) console.log(`\n${nameOf(wanted)}\n  ${error?.message}`);
if (missing.length > 0) console.log(`no operation comes by ${missing.join(', ')}`);
console.log(`\n${outcomes.length - failures.length} held, ${failures.length} did not`);
process.exitCode = failures.length + missing.length === 0 ? 0 : 1;

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
      for (let left = STRIKES_A_STAGE; left > 0; left -= 1) {
        const wanted = queue.shift();
        if (wanted === undefined || !(await played(stage, wanted))) break;
      }
    } finally {
      await stage.close().catch((error: Error) => console.log(`AT THE END ${error.message}`));
    }
  }
}

/** False: the stage may be damaged, the next strike needs another. */
async function played(stage: Stage, wanted: Strike): Promise<boolean> {
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
  console.log(`${outcomes.length}/${strikes.length} ${word} ${nameOf(wanted)} (${ms} ms)`);
  if (outcome.error !== undefined) console.log(`  ${outcome.error.message}`);
  return outcome.error === undefined;
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
