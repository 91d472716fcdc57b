/** Two answers to the same row: equal, known to differ, or a finding. */
import type { KnownDifference } from './knownDifferences.ts';

/** [M20] begins many texts with a capital that [M] does not. */
const same = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

export type Verdict =
  | { readonly kind: 'equal' }
  | { readonly kind: 'known'; readonly rule: KnownDifference }
  | { readonly kind: 'different' };

export function compare(
  title: string,
  answers: { readonly dockerd: string; readonly shiplog: string },
  rules: readonly KnownDifference[],
): Verdict {
  const { dockerd, shiplog } = answers;
  if (same(dockerd, shiplog)) return { kind: 'equal' };
  const rule = rules.find(
    (one) =>
      (one.rows?.test(title) ?? true) && same(dockerd.replace(one.dockerd, one.shiplog), shiplog),
  );
  return rule === undefined ? { kind: 'different' } : { kind: 'known', rule };
}
