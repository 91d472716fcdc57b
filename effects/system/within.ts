/** A bound for a wait that has none of its own. */
import { sleep } from './clock.ts';

/** Whether `promise` is fulfilled within `ms` milliseconds. Rejects as it does. */
export async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(ms, over.signal).then(
    () => false,
    () => true,
  );
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    over.abort();
  }
}
