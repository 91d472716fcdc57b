/** Everybody in turn, round after round. */

export interface Turn {
  readonly name: string;
  /** One sample. */
  measure(): Promise<number>;
}

/** Samples by name; a first round that does not count warms everybody up. */
export async function interleaved(
  turns: readonly Turn[],
  rounds: number,
): Promise<Record<string, number[]>> {
  const samples: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, measure } of turns) {
      const sample = await measure();
      const taken = samples[name] ?? [];
      samples[name] = taken;
      if (round > 0) taken.push(sample);
    }
  }
  return samples;
}

/** Milliseconds that it takes. */
export async function elapsedMs(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}

/** Does it `count` times, `together` at a time. */
export async function repeated(
  count: number,
  together: number,
  act: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await act(next - 1);
    }
  };
  await Promise.all(Array.from({ length: together }, lane));
}
