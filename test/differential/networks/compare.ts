/** A story that two engines have lived, as far as they went the same way. */
import { type Difference, differences } from '../options/compare.ts';
import type { KnownLine } from '../options/known.ts';
import type { Told } from '../options/subject.ts';
import { KNOWN_STORY_LINES } from './known.ts';

/** Where one did what the other refused, all that follows is another story. */
export function storyDifferences(
  dockerd: Told,
  shiplog: Told,
  used: Set<KnownLine>,
): readonly Difference[] {
  const parts = [...dockerd.keys()];
  const parting = parts.findIndex(
    (part) => part.startsWith('answer') && isRefused(dockerd, part) !== isRefused(shiplog, part),
  );
  const common = parting < 0 ? parts : parts.slice(0, parting + 1);
  const shared = new Map(common.map((part) => [part, dockerd.get(part) ?? []]));
  return differences(shared, shiplog, used, KNOWN_STORY_LINES);
}

const isRefused = (told: Told, part: string): boolean => /^[45]/.test(told.get(part)?.[0] ?? '');
