/**
 * A call from one life of the daemon to a neighbour: it travels, is carried out, and its answer
 * travels back; on each part of the way something may happen to it, and to the daemon.
 */
import type { SimulatedClock } from './clock.ts';
import type { Life } from './life.ts';
import type { Weather } from './weather.ts';

/** The other side: there or not. */
export class Neighbour {
  up = true;
  readonly #listeners = new Set<(up: boolean) => void>();

  set(up: boolean): void {
    if (up === this.up) return;
    this.up = up;
    for (const tell of [...this.#listeners]) tell(up);
  }

  onChange(listener: (up: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

export interface Errors {
  unavailable(message: string): Error;
  cancelled(name: string): Error;
  deadline(name: string, ms: number): Error;
  /** What it says when the world refuses by chance. */
  failure(name: string): Error;
}

export interface CallPlan {
  readonly name: string;
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number | null;
  /** How long the other side may take for it, at the worst. */
  readonly longMs: number;
  /** Whether the world may refuse it by chance. */
  readonly mayFail: boolean;
}

export class Wire {
  readonly #clock: SimulatedClock;
  readonly #life: Life;
  readonly #weather: Weather;
  readonly #neighbour: Neighbour;
  readonly #errors: Errors;

  constructor(
    clock: SimulatedClock,
    life: Life,
    weather: Weather,
    neighbour: Neighbour,
    errors: Errors,
  ) {
    this.#clock = clock;
    this.#life = life;
    this.#weather = weather;
    this.#neighbour = neighbour;
    this.#errors = errors;
  }

  call<T>(plan: CallPlan, act: (lateMs: number) => T | Promise<T>): Promise<T> {
    const { name, signal, deadlineMs } = plan;
    if (!this.#life.passes(`before ${name}`)) return new Promise(() => undefined);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let over = false;
    const finish = (tell: () => void): void => {
      if (over || !this.#life.passes(`after ${name}`)) return;
      over = true;
      cancelDeadline?.();
      signal?.removeEventListener('abort', abort);
      unlisten();
      tell();
    };
    const fail = (error: Error): void => finish(() => reject(error));
    const abort = (): void => fail(this.#errors.cancelled(name));
    const unlisten = this.#neighbour.onChange((up) => {
      if (!up) fail(this.#errors.unavailable('transport is closing'));
    });
    const cancelDeadline =
      deadlineMs === null
        ? undefined
        : this.#clock.after(
            deadlineMs,
            () => fail(this.#errors.deadline(name, deadlineMs)),
            this.#life,
          );
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
    else this.#send(plan, () => over || !this.#life.alive, act, { finish, fail, resolve });
    return promise;
  }

  #send<T>(
    { longMs, mayFail, name }: CallPlan,
    callerGone: () => boolean,
    act: (lateMs: number) => T | Promise<T>,
    tell: {
      readonly finish: (tell: () => void) => void;
      readonly fail: (error: Error) => void;
      readonly resolve: (value: T) => void;
    },
  ): void {
    const fate = this.#weather.fateOf(longMs);
    const { unavailable } = this.#errors;
    if (!this.#neighbour.up || fate.unavailable) {
      this.#clock.after(1, () => tell.fail(unavailable('connection refused')));
      return;
    }
    const answers = (how: () => void): void => {
      const lost = (): void => tell.fail(unavailable('connection reset'));
      this.#clock.after(fate.answerMs, fate.answerLost ? lost : how);
    };
    this.#clock.after(fate.requestMs, () => {
      if (!this.#neighbour.up || (callerGone() && !fate.insists)) return;
      if (mayFail && fate.fails) return answers(() => tell.fail(this.#errors.failure(name)));
      attempt(() => act(fate.lateMs)).then(
        (value) => answers(() => tell.finish(() => tell.resolve(value))),
        (error: Error) => answers(() => tell.fail(error)),
      );
    });
  }
}

async function attempt<T>(act: () => T | Promise<T>): Promise<T> {
  return await act();
}
