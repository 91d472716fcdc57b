/** A few at a time, the rest in the order of asking. */
import { after } from './clock.ts';

export interface Turns {
  /**
   * Resolves when there is room, with what gives the place back (once; later calls do nothing).
   * @throws the signal's reason when it is aborted before
   */
  take(signal: AbortSignal): Promise<() => void>;
  /** Places that are taken now. */
  taken(): number;
}

/**
 * @param holdMs milliseconds after which a place goes to the next, given back or not: what takes
 *   longer is hung, not at work; absent: never
 */
export function makeTurns(places: number, holdMs?: number): Turns {
  const queue: (() => void)[] = [];
  let taken = 0;
  /** Whoever ends passes its place on, so that nobody slips in between. */
  const giveBack = (): void => {
    const next = queue.shift();
    if (next === undefined) taken -= 1;
    else next();
  };
  return {
    async take(signal) {
      signal.throwIfAborted();
      if (taken >= places) await waiting(queue, signal);
      else taken += 1;
      let held = true;
      const release = (): void => {
        cancel?.();
        if (held) giveBack();
        held = false;
      };
      const cancel = holdMs === undefined ? undefined : after(holdMs, release, { unref: true });
      return release;
    },
    taken: () => taken,
  };
}

function waiting(queue: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const called = (): void => {
      signal.removeEventListener('abort', left);
      resolve();
    };
    const left = (): void => {
      queue.splice(queue.indexOf(called), 1);
      reject(signal.reason);
    };
    signal.addEventListener('abort', left, { once: true });
    queue.push(called);
  });
}
