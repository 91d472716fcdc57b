/** Everybody in turn, round after round. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Turn {
  readonly name: string;
  /** One sample. */
  measure(): Promise<number>;
}

/**
 * For starts of processes. Whoever moves one to another control group leaves the kernel ready for
 * moves for some 20 ms, which spares the next 5 to 10 ms (effects/system/controlGroupMoves.ts): a
 * contender whose turn comes right after shiplog's would be measured with its help. dockerd's execs
 * take 50 ms by themselves, in a row or with rests, and 40 ms in turn with ours without.
 */
export const REST_MS = 60;

/**
 * Samples by name; a first round that does not count warms everybody up.
 * @param restMs before each turn
 */
export async function interleaved(
  turns: readonly Turn[],
  rounds: number,
  restMs = 0,
): Promise<Record<string, number[]>> {
  const samples: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, measure } of turns) {
      if (restMs > 0) await sleep(restMs);
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
