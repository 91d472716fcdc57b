/** Those who wait for one thing to become so, each for as long as it likes. */
import { after } from '../system/clock.ts';

export class Waiters {
  readonly #waiting = new Set<(happened: boolean) => void>();

  /** True when `wake` comes within `ms` milliseconds, else false. */
  wait(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (happened: boolean): void => {
        cancel();
        this.#waiting.delete(done);
        resolve(happened);
      };
      const cancel = after(ms, () => done(false), { unref: true });
      this.#waiting.add(done);
    });
  }

  wake(): void {
    for (const done of [...this.#waiting]) done(true);
  }
}
