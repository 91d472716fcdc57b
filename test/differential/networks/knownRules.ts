/** What is known of stories: rules as those of options/known.ts, for some stories or for all. */
import type { KnownLine } from '../options/known.ts';

export interface StoryLine extends KnownLine {
  /** Titles of those it is about; absent: all. */
  readonly stories?: RegExp;
}

type Rule = Omit<StoryLine, 'reason'>;

export const known = (reason: string, ...rules: readonly Rule[]): readonly StoryLine[] =>
  rules.map((rule) => ({ reason, ...rule }));

/** @param alike stands in the place of the engine's line; empty: it is left out */
export const of = (
  engine: KnownLine['of'],
  part: KnownLine['part'],
  line: RegExp,
  alike: string,
  stories?: RegExp,
): Rule => ({ of: engine, part, line, alike, ...(stories === undefined ? {} : { stories }) });

/** Two answers to the same request that are known to differ. */
export interface KnownAnswer {
  readonly reason: string;
  readonly stories: RegExp;
  readonly dockerd: RegExp;
  readonly shiplog: RegExp;
}

type Pair = readonly [stories: RegExp, dockerd: RegExp, shiplog: RegExp];

export const answers = (reason: string, ...pairs: readonly Pair[]): readonly KnownAnswer[] =>
  pairs.map(([stories, dockerd, shiplog]) => ({ reason, stories, dockerd, shiplog }));
