/**
 * A tiny model of its own of what may follow what: each state on record has to be one that the
 * facts before it explain.
 */
import { at, parts, type Row, streams, word } from './facts.ts';

/** What is known of a container from its facts so far. */
interface Sketch {
  life: 'absent' | 'creating' | 'adopting' | 'there' | 'failed' | 'going' | 'gone';
  run: number;
  /** Of the newest run. */
  stage: 'none' | 'starting' | 'running' | 'failed' | 'ended' | 'cleaned';
  paused: boolean;
}

type Rule = (sketch: Sketch, row: Row) => boolean;

const sameRun: Rule = ({ run }, row) => at(row, 'run') === run;
const runs: Rule = (sketch, row) => sketch.stage === 'running' && sameRun(sketch, row);

/** A removal lets answers come as late as they like. */
const late: Rule = (sketch, row) => sketch.life === 'going' || runs(sketch, row);

/** What must be so before a fact; other types are free. */
const BEFORE: Readonly<Record<string, Rule>> = {
  'container.create-requested': ({ life }) => life === 'absent',
  'container.adopt-requested': ({ life }) => life === 'absent',
  'container.adopted': ({ life }) => life === 'adopting' || life === 'going',
  'container.adopt-failed': ({ life }) => life === 'adopting' || life === 'going',
  'container.created': ({ life }) => life === 'creating' || life === 'going',
  'container.create-failed': ({ life }) => life === 'creating' || life === 'going',
  'container.start-requested': ({ life, stage, run }, row) =>
    life === 'there' && (stage === 'none' || stage === 'cleaned') && at(row, 'run') === run + 1,
  'container.started': (sketch, row) => sketch.stage === 'starting' && sameRun(sketch, row),
  'container.start-failed': (sketch, row) => sketch.stage === 'starting' && sameRun(sketch, row),
  'container.stop-requested': runs,
  'container.restart-requested': runs,
  'container.kill-requested': runs,
  'container.pause-requested': runs,
  'container.paused': late,
  'container.unpaused': late,
  'container.exited': runs,
  'container.cleaned': (sketch, row) =>
    (sketch.stage === 'failed' || sketch.stage === 'ended' || sketch.life === 'going') &&
    sameRun(sketch, row),
  'container.removed': ({ life, stage }) =>
    (life === 'going' || life === 'failed') && (stage === 'none' || stage === 'cleaned'),
};

function follow(sketch: Sketch, row: Row): void {
  switch (row.type) {
    case 'container.create-requested':
      sketch.life = 'creating';
      break;
    case 'container.adopt-requested':
      sketch.life = 'adopting';
      sketch.run = 1;
      break;
    case 'container.adopted':
      if (sketch.life === 'adopting') sketch.life = 'there';
      if (at(row, 'alive') === true) sketch.stage = 'running';
      break;
    case 'container.adopt-failed':
      // Unless somebody has removed it meanwhile, it may be asked for again.
      sketch.life = sketch.life === 'adopting' ? 'absent' : 'gone';
      break;
    case 'container.created':
      if (sketch.life === 'creating') sketch.life = 'there';
      break;
    case 'container.create-failed':
      if (sketch.life === 'creating') sketch.life = 'failed';
      break;
    case 'container.start-requested':
      sketch.run += 1;
      sketch.stage = 'starting';
      sketch.paused = false;
      break;
    case 'container.started':
      sketch.stage = 'running';
      break;
    case 'container.start-failed':
      sketch.stage = 'failed';
      break;
    case 'container.paused':
    case 'container.unpaused':
      sketch.paused = row.type === 'container.paused';
      break;
    case 'container.exited':
      sketch.stage = 'ended';
      break;
    case 'container.cleaned':
      sketch.stage = 'cleaned';
      break;
    case 'container.remove-requested':
      sketch.life = 'going';
      break;
    case 'container.removed':
      sketch.life = 'gone';
      break;
  }
}

/** The words of states that fit the sketch. */
function fitting({ life, stage, paused }: Sketch): RegExp {
  if (life === 'gone') return /^removed$/;
  if (life === 'absent') return /^absent$/;
  if (life === 'going' || life === 'failed') return /^removing\./;
  if (life === 'creating') return /^creating$/;
  if (life === 'adopting') return /^adopting$/;
  switch (stage) {
    case 'none':
      return /^created\.clean$/;
    case 'starting':
      return /^starting$/;
    case 'running':
      // A stop that was given up leaves it running for all that the log knows, frozen or not.
      return paused
        ? /^(paused|unpausing|stopping|running|pausing)$/
        : /^(running|pausing|stopping)$/;
    case 'failed':
      return /^(created|exited)\.cleaning$/;
    case 'ended':
      return /^(exited|restarting)\.cleaning$/;
    case 'cleaned':
      return /^((created|exited)\.clean|restarting\.waiting)$/;
  }
}

export function lifecycleProblems(rows: readonly Row[]): readonly string[] {
  const wrong: string[] = [];
  for (const [stream, list] of streams(rows, 'container')) {
    const sketch: Sketch = { life: 'absent', run: 0, stage: 'none', paused: false };
    for (const row of list) {
      if (sketch.life === 'gone') wrong.push(`${stream}: ${row.type} after it was removed`);
      const rule = BEFORE[row.type];
      if (rule !== undefined && !rule(sketch, row)) {
        wrong.push(`${stream}: ${row.type} at ${row.position}, after ${JSON.stringify(sketch)}`);
      }
      follow(sketch, row);
      if (!fitting(sketch).test(word(row))) {
        const facts = JSON.stringify(sketch);
        wrong.push(`${stream} is ${word(row)} at ${row.position}, its facts say ${facts}`);
      }
    }
  }
  return [...wrong, ...together(rows), ...onceEach(rows)];
}

/** A run's fact and its container's are one append: never apart. */
function together(rows: readonly Row[]): string[] {
  const pairs: Readonly<Record<string, string>> = {
    'task.started': 'container.started',
    'task.exited': 'container.exited',
  };
  return rows.flatMap((row, index) => {
    const wanted = pairs[row.type];
    if (wanted === undefined) return [];
    const next = rows[index + 1];
    const same = next?.type === wanted && parts(next)[1] === parts(row)[1];
    return same ? [] : [`${row.type} at ${row.position} stands without ${wanted}`];
  });
}

const ONCE: ReadonlySet<string> = new Set([
  ...['created', 'started', 'start-failed', 'exited', 'deleted'].map((name) => `task.${name}`),
  ...['created', 'start-requested', 'started', 'start-failed'].map((name) => `exec.${name}`),
  ...['exited', 'cleaned'].map((name) => `exec.${name}`),
]);

function onceEach(rows: readonly Row[]): string[] {
  const seen = new Set<string>();
  return rows.flatMap(({ stream, type, position }) => {
    if (!ONCE.has(type)) return [];
    const again = seen.has(`${stream} ${type}`);
    seen.add(`${stream} ${type}`);
    return again ? [`${stream} has ${type} again at ${position}`] : [];
  });
}
