/** Waiting times between tries: doubled each time up to a bound, and jittered. */
import type { Time } from './ports.ts';

const FIRST_MS = 100;
const MOST_MS = 10_000;

/**
 * @param attempt 0 for the first retry
 * @param random in [0, 1): spreads retries that failed together
 * @returns milliseconds, between half and the whole of min(100 · 2^attempt, 10 000)
 */
export function backoffMs(attempt: number, random: number): number {
  const whole = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 20));
  return whole / 2 + (random * whole) / 2;
}

/**
 * Tries until it works, with backoff.
 * @param failed told of each failure; what it throws ends the tries
 */
export async function untilItWorks<T>(
  time: Pick<Time, 'after' | 'random'>,
  act: () => Promise<T>,
  failed: (error: unknown) => void,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      failed(error);
    }
    const pauseMs = backoffMs(attempt, time.random());
    await new Promise<void>((resolve) => void time.after(pauseMs, resolve));
  }
}
