/** What came of the strikes: for each effect, and who was struck. */
import { effectOf, type Strike, VICTIMS } from './points.ts';
import type { Results } from './results.ts';

export interface Counts {
  held: number;
  failed: number;
  /** Not played: another one is the same. */
  same: number;
  /** Held, and nobody was there to be killed. */
  missed: number;
}

export function tableOf(
  strikes: readonly Strike[],
  results: Results,
): { readonly table: string; readonly counts: Counts } {
  const effects = [...new Set(strikes.map(({ point }) => effectOf(point)))];
  const width = Math.max(...effects.map((effect) => effect.length));
  const heads = VICTIMS.map((victims) => victims.map((one) => one.slice(0, 4)).join('+'));
  const lines = effects.map((effect) => {
    const cells = VICTIMS.map((victims, at) => {
      const those = strikes.filter(
        (one) => effectOf(one.point) === effect && one.victims.join() === victims.join(),
      );
      const { held, failed } = countsOf(those, results);
      return `${held}/${held + failed}`.padStart(heads[at]?.length ?? 0);
    });
    return `${effect.padEnd(width)}  ${cells.join('  ')}`;
  });
  const head = `${'held/struck'.padEnd(width)}  ${heads.join('  ')}`;
  return { table: [head, ...lines].join('\n'), counts: countsOf(strikes, results) };
}

function countsOf(strikes: readonly Strike[], results: Results): Counts {
  const counts = { held: 0, failed: 0, same: 0, missed: 0 };
  for (const one of strikes) {
    const found = results.of(one);
    if (found === undefined) continue;
    counts[found.result] += 1;
    if (found.missed === true) counts.missed += 1;
  }
  return counts;
}
