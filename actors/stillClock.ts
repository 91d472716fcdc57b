/**
 * Time as an actor has it: it stands still while the actor waits to be admitted. So neither a
 * caller's deadline nor a machine's timer runs out for something that was not even begun, however
 * long the queue is; once it has begun they run as ever, and nothing waits for good.
 */
import type { Time } from './ports.ts';

interface Timer {
  leftMs: number;
  /** Of the monotonic clock, when it last began to run. */
  sinceMs: number;
  /** null while it stands still. */
  cancel: (() => void) | null;
  readonly callback: () => void;
}

export class StillClock {
  readonly #time: Pick<Time, 'after' | 'monotonicMs'>;
  readonly #timers = new Set<Timer>();
  #held = 0;

  constructor(time: Pick<Time, 'after' | 'monotonicMs'>) {
    this.#time = time;
  }

  /** Nothing is kept that would be missed. */
  get idle(): boolean {
    return this.#held === 0 && this.#timers.size === 0;
  }

  /** Calls back after that many milliseconds in which it did not stand still. */
  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { leftMs: ms, sinceMs: 0, cancel: null, callback };
    this.#timers.add(timer);
    if (this.#held === 0) this.#run(timer);
    return () => {
      timer.cancel?.();
      this.#timers.delete(timer);
    };
  }

  /** It stands still until the answer is called, once; several may hold it. */
  hold(): () => void {
    this.#held += 1;
    if (this.#held === 1) for (const timer of this.#timers) this.#halt(timer);
    let holds = true;
    return () => {
      if (!holds) return;
      holds = false;
      this.#held -= 1;
      if (this.#held === 0) for (const timer of [...this.#timers]) this.#run(timer);
    };
  }

  #run(timer: Timer): void {
    timer.sinceMs = this.#time.monotonicMs();
    timer.cancel = this.#time.after(timer.leftMs, () => {
      this.#timers.delete(timer);
      timer.callback();
    });
  }

  #halt(timer: Timer): void {
    timer.cancel?.();
    timer.cancel = null;
    const gone = this.#time.monotonicMs() - timer.sinceMs;
    timer.leftMs = Math.max(0, timer.leftMs - gone);
  }
}
