/**
 * A part of `npm run test:differential`: stories of networks, lived by a dockerd 20.10 in a network
 * namespace of its own and by shiplog on the host. Both choose from the same addresses.
 *
 *   --only TEXT stories whose title holds the text
 */
import { inspect, parseArgs } from 'node:util';
import { findDockerd } from '../dockerd.ts';
import type { Difference } from '../options/compare.ts';
import type { KnownLine } from '../options/known.ts';
import { storyDifferences } from './compare.ts';
import { startStoryEngines } from './engines.ts';
import { KNOWN_STORY_LINES } from './known.ts';
import { KNOWN_ANSWERS } from './knownAnswers.ts';
import type { KnownAnswer } from './knownRules.ts';
import { STORIES } from './stories.ts';
import type { Story } from './story.ts';

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const binary = findDockerd();
if (binary === undefined) throw new Error('no dockerd on the PATH and none by SHIPLOG_DOCKERD');

const all = STORIES.filter(({ title }) => title.includes(values.only));
const { dockerd, shiplog, stop } = await startStoryEngines(binary);
const used = new Set<KnownLine | KnownAnswer>();
let different = 0;
try {
  for (const one of all) {
    const [left, right] = await Promise.all([dockerd.tell(one), shiplog.tell(one)]);
    const found = storyDifferences(one, left, right, used);
    if (found.length > 0) different += 1;
    for (const difference of found) show(one, difference);
  }
} finally {
  await stop();
}

function show({ title }: Story, { part, dockerd, shiplog }: Difference): void {
  process.stdout.write(`${title}: ${part}\n`);
  for (const line of dockerd) process.stdout.write(`  dockerd: ${line}\n`);
  for (const line of shiplog) process.stdout.write(`  shiplog: ${line}\n`);
}

const rules = [...KNOWN_STORY_LINES, ...KNOWN_ANSWERS];
const needless = values.only === '' ? rules.filter((rule) => !used.has(rule)) : [];
for (const rule of needless) process.stdout.write(`needless rule: ${inspect(rule)}\n`);
process.stdout.write(`${all.length} stories of networks: ${different} differ\n`);
process.exitCode = different + needless.length === 0 ? 0 : 1;
