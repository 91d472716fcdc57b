/** A bound for a wait that has none of its own. */
import { after } from './clock.ts';

/** Whether `promise` is fulfilled within `ms` milliseconds. Rejects as it does. */
export async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  // No abort: that makes an error with its stack, for nobody, and every command passes here.
  const cancel = after(ms, () => late.resolve(false));
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    cancel();
  }
}
