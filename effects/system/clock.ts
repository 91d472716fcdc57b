/**
 * Time from the operating system: the wall clock for facts and logs, the monotonic clock for
 * deadlines. Together with ids.ts the only place that reads a clock or arms a timer.
 */

/** Longest wait that setTimeout takes; a longer one fires at once. */
const longestTimerMs = 2 ** 31 - 1;
const nsPerMs = 1_000_000n;
/** How far the interpolated wall clock may be from the real one before it is set anew. */
const toleranceNs = 2n * nsPerMs;

const anchor = { wallNs: 0n, monotonicNs: 0n, lastNs: 0n };

/**
 * Nanoseconds since 1970. Milliseconds come from the wall clock, the digits below from the
 * monotonic one. Never less than the answer before: when the wall clock is set back, time stands
 * still.
 */
export function nowNs(): bigint {
  const monotonicNs = process.hrtime.bigint();
  const wallNs = BigInt(Date.now()) * nsPerMs;
  let now = anchor.wallNs + (monotonicNs - anchor.monotonicNs);
  const drift = now - wallNs;
  if (drift > toleranceNs || drift < -toleranceNs) {
    anchor.wallNs = wallNs;
    anchor.monotonicNs = monotonicNs;
    now = wallNs;
  }
  if (now > anchor.lastNs) anchor.lastNs = now;
  return anchor.lastNs;
}

/** Milliseconds since some moment of this process's start; never set back. */
export function monotonicMs(): number {
  return performance.now();
}

/** Takes the timer back; no effect once it has fired. */
export type Cancel = () => void;

/**
 * Calls `fn` once after `ms` milliseconds, however many they are.
 * @param options.unref the timer alone does not keep the process alive.
 */
export function after(ms: number, fn: () => void, options: { unref?: boolean } = {}): Cancel {
  const due = monotonicMs() + ms;
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    timer = setTimeout(
      () => {
        const rest = due - monotonicMs();
        if (rest >= 1) arm(rest);
        else fn();
      },
      Math.min(Math.max(left, 0), longestTimerMs),
    );
    if (options.unref === true) timer.unref();
  };
  arm(ms);
  return () => clearTimeout(timer);
}

/** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted before. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const aborted = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = after(ms, () => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    });
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

/** Calls again and again, `ms` after the last call ended; does not keep the process up. */
export function everyMs(ms: number, fn: () => void): void {
  const again = (): void => {
    fn();
    after(ms, again, { unref: true });
  };
  after(ms, again, { unref: true });
}

/**
 * Resolves in the next turn of the event loop: what was sent in this one has left by then, and what
 * comes after does not hold it up.
 */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
