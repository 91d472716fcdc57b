/** Two engines to one case: the lines that only one of them has, and which of them are known. */
import { KNOWN_LINES, type KnownLine } from './known.ts';
import type { Told } from './subject.ts';

export interface Difference {
  readonly part: string;
  readonly dockerd: readonly string[];
  readonly shiplog: readonly string[];
}

/** @param used gets the rules that were needed */
export function differences(
  dockerd: Told,
  shiplog: Told,
  used: Set<KnownLine>,
): readonly Difference[] {
  // Where one has refused there is nothing more of it, which its refusal says.
  const parts = [...dockerd.keys()].filter((part) => shiplog.has(part));
  return parts.flatMap((part) => {
    const theirs = told(part, 'dockerd', dockerd.get(part) ?? [], used);
    const ours = told(part, 'shiplog', shiplog.get(part) ?? [], used);
    const only = {
      part,
      dockerd: theirs.filter((line) => !ours.includes(line)),
      shiplog: ours.filter((line) => !theirs.includes(line)),
    };
    return only.dockerd.length + only.shiplog.length === 0 ? [] : [only];
  });
}

/** In small letters, for the releases differ in them; what is known to differ is made alike. */
function told(
  part: string,
  engine: 'dockerd' | 'shiplog',
  lines: readonly string[],
  used: Set<KnownLine>,
): readonly string[] {
  const rules = KNOWN_LINES.filter((rule) => rule.part === part && rule.of === engine);
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
