/** How much goes wrong in the simulated world, and by what chance. */
import type { EventFate } from './containerd/events.ts';
import type { Random } from './random.ts';

export interface Chances {
  /** Of one call: not sent; done and the answer lost; much later than its caller waits for. */
  readonly unavailable: number;
  readonly lostAnswer: number;
  readonly late: number;
  /** Of one call that can fail: the world refuses. */
  readonly failure: number;
  /** Of one step of a handler: the daemon is killed there. */
  readonly kill: number;
  /** Of one append: it takes long; nothing is written because of an I/O error. */
  readonly slowDisk: number;
  readonly brokenDisk: number;
  /** Of one step of the simulation: somebody else pauses or resumes a task; a shim dies; ... */
  readonly stranger: number;
  readonly shimDeath: number;
  readonly restart: number;
  readonly stdioAway: number;
  readonly fullDisk: number;
}

export const STORM: Chances = {
  unavailable: 0.02,
  lostAnswer: 0.02,
  late: 0.008,
  failure: 0.01,
  kill: 0.0015,
  slowDisk: 0.02,
  brokenDisk: 0.01,
  stranger: 0.02,
  shimDeath: 0.02,
  restart: 0.03,
  stdioAway: 0.01,
  fullDisk: 0.003,
};

const CALM: Chances = {
  unavailable: 0,
  lostAnswer: 0,
  late: 0,
  failure: 0,
  kill: 0,
  slowDisk: 0,
  brokenDisk: 0,
  stranger: 0,
  shimDeath: 0,
  restart: 0,
  stdioAway: 0,
  fullDisk: 0,
};

/** What becomes of one call. */
export interface Fate {
  /** Milliseconds until the other side begins, and from its end until the answer is here. */
  readonly requestMs: number;
  readonly answerMs: number;
  /** How long the other side takes for it, beside what it always takes. */
  readonly lateMs: number;
  readonly unavailable: boolean;
  readonly answerLost: boolean;
  readonly fails: boolean;
  /** Carried out although the caller has gone meanwhile. */
  readonly insists: boolean;
}

const CLEAR: Fate = {
  requestMs: 1,
  answerMs: 1,
  lateMs: 0,
  unavailable: false,
  answerLost: false,
  fails: false,
  insists: false,
};

export class Weather {
  readonly #random: Random;
  chances: Chances;
  /** From now on no process ends by itself, so that what is so stays so. */
  still = false;

  constructor(random: Random, chances: Chances) {
    this.#random = random;
    this.chances = chances;
  }

  /** From now on everything works: to see whether all comes to rest. */
  calm(): void {
    this.chances = CALM;
  }

  get isCalm(): boolean {
    return this.chances === CALM;
  }

  /** A chance of the present weather. */
  happens(what: keyof Chances): boolean {
    const chance = this.chances[what];
    return chance > 0 && this.#random.chance(chance);
  }

  /** @param longMs how late a late call of this kind may be */
  fateOf(longMs: number): Fate {
    if (this.chances.unavailable === 0) return CLEAR;
    const random = this.#random;
    return {
      requestMs: random.below(20),
      answerMs: random.below(20),
      lateMs: this.happens('late') ? random.below(longMs) : 0,
      unavailable: this.happens('unavailable'),
      answerLost: this.happens('lostAnswer'),
      fails: this.happens('failure'),
      insists: random.chance(0.7),
    };
  }

  eventFate(): EventFate {
    const random = this.#random;
    if (this.isCalm) return { copies: [1] };
    const count = random.pick([0, 1, 1, 1, 1, 2]);
    return { copies: Array.from({ length: count }, () => random.below(3_000)) };
  }
}
