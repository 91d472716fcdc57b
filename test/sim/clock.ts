/**
 * Virtual time. Nothing happens between two callbacks, so hours pass in a moment. A timer belongs
 * to the world or to one life of the daemon; with that life its timers are forgotten.
 */
interface Timer {
  readonly due: number;
  readonly order: number;
  readonly owner: object;
  readonly callback: () => void;
}

export const WORLD = { name: 'world' };

/** Lets everything run that waits for nothing but its turn. */
export const turn = (): Promise<void> => new Promise((next) => setImmediate(next));

export class SimulatedClock {
  nowMs = 1_000_000;
  /** Whether something is under way that takes turns of the loop and no virtual time. */
  busy: () => boolean = () => false;
  #order = 0;
  readonly #timers = new Set<Timer>();

  nowNs(): bigint {
    return BigInt(Math.floor(this.nowMs)) * 1_000_000n;
  }

  /** @returns the cancellation */
  after(ms: number, callback: () => void, owner: object = WORLD): () => void {
    this.#order += 1;
    const due = this.nowMs + Math.max(0, Math.ceil(ms));
    const timer = { due, order: this.#order, owner, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Resolves in virtual time. */
  delay(ms: number, owner: object = WORLD): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve, owner));
  }

  forget(owner: object): void {
    for (const timer of this.#timers) if (timer.owner === owner) this.#timers.delete(timer);
  }

  async rest(): Promise<void> {
    do await turn();
    while (this.busy());
  }

  async advance(ms: number): Promise<void> {
    const until = this.nowMs + ms;
    for (;;) {
      await this.rest();
      const next = this.#earliest();
      if (next === undefined || next.due > until) break;
      this.#fire(next);
    }
    this.nowMs = until;
  }

  /** Goes on until the promise settles. @throws when nothing is left that could settle it */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    for (;;) {
      await this.rest();
      if (settled) return await promise;
      const next = this.#earliest();
      if (next === undefined) throw new Error('time stands still');
      this.#fire(next);
    }
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.nowMs = Math.max(this.nowMs, timer.due);
    timer.callback();
  }

  #earliest(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.due < first.due) first = timer;
      else if (timer.due === first.due && timer.order < first.order) first = timer;
    }
    return first;
  }
}
