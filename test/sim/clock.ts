/**
 * Virtual time. Nothing happens between two callbacks, so hours pass in a moment; a crash forgets
 * the daemon's callbacks, and the world's go on.
 */
interface Timer {
  readonly due: number;
  readonly order: number;
  readonly owner: 'daemon' | 'world';
  readonly callback: () => void;
}

/** Loop turns until appends (grouped by turn) and what follows them have come to rest. */
const TURNS = 8;

export async function rest(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((next) => setImmediate(next));
}

export class SimulatedClock {
  nowMs = 1_000_000;
  #order = 0;
  #timers: Timer[] = [];

  nowNs(): bigint {
    return BigInt(Math.floor(this.nowMs)) * 1_000_000n;
  }

  after(ms: number, callback: () => void, owner: 'daemon' | 'world'): () => void {
    this.#order += 1;
    const timer = { due: this.nowMs + ms, order: this.#order, owner, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  forgetDaemon(): void {
    this.#timers = this.#timers.filter(({ owner }) => owner === 'world');
  }

  async advance(ms: number): Promise<void> {
    const until = this.nowMs + ms;
    for (;;) {
      await rest();
      const next = this.#earliest();
      if (next === undefined || next.due > until) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.nowMs = Math.max(this.nowMs, next.due);
      next.callback();
    }
    this.nowMs = until;
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
