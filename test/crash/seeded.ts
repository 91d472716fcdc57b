/** Choices that depend on a seed alone (a linear congruence, good enough to spread). */

/** Numbers in [0, 1). */
export function* numbers(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

export function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const random = numbers(seed);
  return items
    .map((item) => ({ item, key: random.next().value }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** @throws RangeError for none */
export function chosen<T>(items: readonly T[], seed: number): T {
  const [first] = shuffled(items, seed);
  if (first === undefined) throw new RangeError('nothing to choose from');
  return first;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** SHIPLOG_SEED, else the number of the day: all runs of a day play the same. */
export function seedOfToday(): number {
  return Number(process.env['SHIPLOG_SEED'] ?? Math.floor(Date.now() / DAY_MS));
}
