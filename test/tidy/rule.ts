/** What a house rule is, and the pieces that rules are made of. */
import { lineOf, type Source } from './source.ts';

export interface Finding {
  readonly line: number;
  readonly message: string;
}

export interface Rule {
  /** Short and stable: exceptions name it. */
  readonly name: string;
  applies(path: string): boolean;
  check(source: Source): readonly Finding[];
  /** Code that breaks the rule, and where it would lie; each must give at least one finding. */
  readonly breaks: readonly Sample[];
  /** Code that looks alike and is fine. */
  readonly passes: readonly Sample[];
}

export interface Sample {
  readonly path: string;
  readonly text: string;
}

export const isTypeScript = (path: string): boolean => path.endsWith('.ts');

/**
 * Specs, what serves them, and the tests' own folder: they may wait, roll dice and import anything.
 */
export const isTestFile = (path: string): boolean =>
  /^test\/|\/testing\/|\.(?:spec|fixture)\.ts$/.test(path);

export const inRoom =
  (room: string) =>
  (path: string): boolean =>
    path.startsWith(`${room}/`);

/** Findings of patterns, each with what to say about it. Patterns need the flag `g`. */
export function findAll(
  text: string,
  patterns: readonly (readonly [RegExp, string])[],
): readonly Finding[] {
  return patterns.flatMap(([pattern, message]) =>
    [...text.matchAll(pattern)].map((match) => ({ line: lineOf(text, match.index), message })),
  );
}

/** Samples of one path. */
export const samples = (path: string, ...texts: readonly string[]): readonly Sample[] =>
  texts.map((text) => ({ path, text }));
