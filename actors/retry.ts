/** Waiting times between tries: doubled each time up to a bound, and jittered. */

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
