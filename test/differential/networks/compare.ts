/** A story that two engines have lived, as far as they went the same way. */
import { type Difference, differences } from '../options/compare.ts';
import type { KnownLine } from '../options/known.ts';
import type { Told } from '../options/subject.ts';
import { KNOWN_STORY_LINES } from './known.ts';
import { KNOWN_ANSWERS } from './knownAnswers.ts';
import type { KnownAnswer } from './knownRules.ts';
import type { Story } from './story.ts';

/** Where one did what the other refused, all that follows is another story. */
export function storyDifferences(
  { title }: Story,
  dockerd: Told,
  shiplog: Told,
  used: Set<KnownLine | KnownAnswer>,
): readonly Difference[] {
  const parts = [...dockerd.keys()];
  const parting = parts.findIndex(
    (part) => part.startsWith('answer') && isRefused(dockerd, part) !== isRefused(shiplog, part),
  );
  const common = parting < 0 ? parts : parts.slice(0, parting + 1);
  const shared = new Map(common.map((part) => [part, dockerd.get(part) ?? []]));
  const rules = KNOWN_STORY_LINES.filter(({ stories }) => stories?.test(title) ?? true);
  const pairs = KNOWN_ANSWERS.filter(({ stories }) => stories.test(title));
  return differences(shared, shiplog, used, rules).filter((found) => {
    const rule = pairs.find((pair) => isKnown(pair, found));
    if (rule !== undefined) used.add(rule);
    return rule === undefined;
  });
}

const isKnown = (pair: KnownAnswer, { part, dockerd, shiplog }: Difference): boolean =>
  part.startsWith('answer') &&
  pair.dockerd.test(dockerd[0] ?? '') &&
  pair.shiplog.test(shiplog[0] ?? '');

const isRefused = (told: Told, part: string): boolean => /^[45]/.test(told.get(part)?.[0] ?? '');
