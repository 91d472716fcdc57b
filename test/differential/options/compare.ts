/** Two engines to one case: the lines that only one of them has, and which of them are known. */
import { KNOWN_LINES, type KnownLine } from './known.ts';
import type { Told } from './subject.ts';

export interface Difference {
  readonly part: string;
  readonly dockerd: readonly string[];
  readonly shiplog: readonly string[];
}

/** Collects the rules that were needed. */
export interface Needed {
  add(rule: KnownLine): unknown;
}

/** @param used gets the rules that were needed */
export function differences(
  dockerd: Told,
  shiplog: Told,
  used: Needed,
  known: readonly KnownLine[] = KNOWN_LINES,
): readonly Difference[] {
  // Where one has refused there is nothing more of it, which its refusal says.
  const parts = [...dockerd.keys()].filter((part) => shiplog.has(part));
  return parts.flatMap((part) => {
    const rules = known.filter((rule) => rule.part === kindOf(part));
    const of = (engine: KnownLine['of']) => rules.filter((rule) => rule.of === engine);
    const theirs = told(dockerd.get(part) ?? [], of('dockerd'), used);
    const ours = told(shiplog.get(part) ?? [], of('shiplog'), used);
    const only = {
      part,
      dockerd: theirs.filter((line) => !ours.includes(line)),
      shiplog: ours.filter((line) => !theirs.includes(line)),
    };
    return only.dockerd.length + only.shiplog.length === 0 ? [] : [only];
  });
}

/** `inside` of `inside 3: c`. */
const kindOf = (part: string): string => part.split(' ')[0] ?? '';

/** In small letters, for the releases differ in them; what is known to differ is made alike. */
function told(
  lines: readonly string[],
  rules: readonly KnownLine[],
  used: Needed,
): readonly string[] {
  return lines
    .map((line) => {
      let shown = line.toLowerCase().trim();
      for (const rule of rules) {
        const changed = shown.replace(rule.line, rule.alike);
        if (changed !== shown) used.add(rule);
        shown = changed;
      }
      return shown;
    })
    .filter((line) => line !== '');
}
