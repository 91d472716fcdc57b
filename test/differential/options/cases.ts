/**
 * Combinations of create's options: each alone, all pairs of those that meet each other somewhere,
 * and more at random, by a seed.
 */
import { Random } from '../../sim/random.ts';
import { type Choice, MEETING, PRIVILEGED, SINGLES, WORKING } from './choices.ts';

export interface Case {
  readonly title: string;
  readonly config: object;
  readonly host: object;
}

function joined(choices: readonly Choice[]): Case {
  return {
    title: choices.map(({ name }) => name).join(' + '),
    config: Object.assign({}, ...choices.map((choice) => choice.config ?? {})),
    host: Object.assign({}, ...choices.map((choice) => choice.host ?? {})),
  };
}

function pairs(choices: readonly Choice[]): readonly Case[] {
  return choices.flatMap((one, at) => choices.slice(at + 1).map((other) => joined([one, other])));
}

/** @param count of random combinations of three to five options that work alone */
export function cases(seed: number, count: number): readonly Case[] {
  const random = new Random(seed);
  const picked = Array.from({ length: count }, () =>
    joined(Array.from({ length: 3 + random.below(3) }, () => random.pick(WORKING))),
  );
  const singles = [...SINGLES, PRIVILEGED].map((one) => joined([one]));
  const all = [...singles, ...MEETING.flatMap(pairs), ...picked];
  return [...new Map(all.map((one) => [one.title, one])).values()];
}
