/**
 * The real log on a disk that is slow, full or broken at times. An append waits for the disk's
 * turn; what was not written when the daemon is killed is lost, what was written and not told
 * stays.
 */
import type { AppendOutcome, Log, NewFact, NewSecret } from '../../actors/ports.ts';
import type { OpenedLog } from '../../store/log.ts';
import type { SimulatedClock } from './clock.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';
import type { Truth } from './truth.ts';
import type { Weather } from './weather.ts';

interface Waiting {
  readonly facts: readonly NewFact[];
  readonly secrets: readonly NewSecret[];
  readonly resolve: (outcome: AppendOutcome) => void;
}

/** How long a full disk stays full. */
const FULL_MS = 20_000;

export class FaultyLog {
  readonly #log: OpenedLog;
  readonly #clock: SimulatedClock;
  readonly #life: Life;
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #truth: Truth;
  #queue: Waiting[] = [];
  #writing = false;
  #fullUntilMs = 0;
  /** Appends that the reserve has room for. */
  #reserve = 4;
  /** Appends that the store has and has not answered. */
  inStore = 0;

  constructor(
    log: OpenedLog,
    parts: {
      readonly clock: SimulatedClock;
      readonly life: Life;
      readonly random: Random;
      readonly weather: Weather;
      readonly truth: Truth;
    },
  ) {
    this.#log = log;
    this.#clock = parts.clock;
    this.#life = parts.life;
    this.#random = parts.random;
    this.#weather = parts.weather;
    this.#truth = parts.truth;
  }

  port(): Log {
    const log = this.#log;
    return {
      ...log,
      append: (facts, secrets = []) => this.#append(facts, secrets),
      releaseReserve: () => {
        const there = this.#reserve === 4;
        if (there) this.#reserve = 3;
        return there;
      },
    };
  }

  #append(facts: readonly NewFact[], secrets: readonly NewSecret[]): Promise<AppendOutcome> {
    return new Promise((resolve) => {
      if (!this.#life.passes('before append')) return;
      this.#queue.push({ facts, secrets, resolve });
      if (!this.#writing) this.#write();
    });
  }

  #write(): void {
    this.#writing = true;
    const slow = this.#weather.happens('slowDisk');
    const ms = slow ? this.#random.below(4_000) : this.#random.below(4);
    this.#clock.after(ms, () => void this.#commit(), this.#life);
  }

  async #commit(): Promise<void> {
    const batch = this.#queue.splice(0);
    await Promise.all(batch.map((one) => this.#one(one)));
    if (this.#queue.length > 0) this.#write();
    else this.#writing = false;
  }

  async #one({ facts, secrets, resolve }: Waiting): Promise<void> {
    const refused = this.#refused();
    if (refused !== undefined) {
      if (this.#life.alive) resolve(refused);
      return;
    }
    this.inStore += 1;
    const outcome = await this.#log.append(facts, secrets);
    this.inStore -= 1;
    if (this.#life.passes('after append')) resolve(outcome);
  }

  #refused(): AppendOutcome | undefined {
    if (this.#weather.happens('brokenDisk')) {
      this.#truth.trouble('an append fails');
      return { ok: false, conflict: { kind: 'failed', message: 'disk I/O error' } };
    }
    if (this.#weather.happens('fullDisk')) {
      this.#truth.trouble('the disk is full');
      this.#fullUntilMs = this.#clock.nowMs + FULL_MS;
    }
    if (this.#clock.nowMs >= this.#fullUntilMs) {
      this.#reserve = 4;
      return undefined;
    }
    if (this.#reserve < 4 && this.#reserve > 0) {
      this.#reserve -= 1;
      return undefined;
    }
    return { ok: false, conflict: { kind: 'disk-full', message: 'database or disk is full' } };
  }
}
