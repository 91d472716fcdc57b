/**
 * One life of the simulated daemon. A killed daemon does nothing any more: what it waits for
 * never comes, and what it still calls is not heard. Its requests that are under way go on
 * without it.
 */
export class Life {
  readonly number: number;
  #alive = true;
  readonly #step: () => boolean;
  readonly #killed: (where: string) => void;

  /**
   * @param step decides at each step whether the daemon is killed there
   * @param killed told once
   */
  constructor(number: number, step: () => boolean, killed: (where: string) => void) {
    this.number = number;
    this.#step = step;
    this.#killed = killed;
  }

  get alive(): boolean {
    return this.#alive;
  }

  kill(where: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#killed(where);
  }

  /** A place where it may be killed. @returns whether it lives on */
  passes(where: string): boolean {
    if (this.#alive && this.#step()) this.kill(where);
    return this.#alive;
  }

  /** The answer, for as long as it lives. */
  hears<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      answer.then(
        (value) => this.#alive && resolve(value),
        (error: unknown) => this.#alive && reject(error),
      );
    });
  }
}

/** What a dead daemon waits for. */
export const never = <T>(): Promise<T> => new Promise(() => undefined);
