/** A few at a time, the rest in the order of asking. */
export interface Turns {
  /**
   * Resolves when there is room, with what gives the place back (once; later calls do nothing).
   * @throws the signal's reason when it is aborted before
   */
  take(signal: AbortSignal): Promise<() => void>;
  /** Places that are taken now. */
  taken(): number;
}

export interface Hold {
  /** Milliseconds after which a place goes to the next, given back or not: that one is hung. */
  readonly ms: number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** @param hold absent: a place is held until it is given back */
export function makeTurns(places: number, hold?: Hold): Turns {
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
      const given = new AbortController();
      const release = (): void => {
        if (held) giveBack();
        held = false;
        given.abort();
      };
      // It is called off by the release alone, which has done all.
      void hold?.sleep(hold.ms, given.signal).then(release, () => undefined);
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
