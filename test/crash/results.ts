/**
 * What came of each strike, a line of JSON each, written when it is known: a run that was broken
 * off goes on with the same file. What held, or would have been another strike, is not played
 * again; what did not hold is.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { nameOf, type Strike, type Victim } from './points.ts';

export interface Result {
  readonly strike: string;
  readonly result: 'held' | 'failed' | 'same';
  /** Held: who could have been killed. */
  readonly there?: readonly Victim[];
  /** Held: nobody was there to be killed. */
  readonly missed?: boolean;
  /** The same: as which other one at this point. */
  readonly as?: string;
  /** Failed: what did not hold. */
  readonly message?: string;
  readonly ms: number;
}

export class Results {
  readonly #file: string | undefined;
  readonly #newest = new Map<string, Result>();
  /** Strikes that were looked at before this run. */
  readonly known: number;

  /** @param file undefined: they are kept for as long as the process lives */
  constructor(file?: string) {
    this.#file = file;
    for (const line of file !== undefined && existsSync(file) ? linesOf(file) : []) {
      const result: Result = JSON.parse(line);
      this.#newest.set(result.strike, result);
    }
    this.known = this.#newest.size;
  }

  of(strike: Strike): Result | undefined {
    return this.#newest.get(nameOf(strike));
  }

  /** Whether it need not be played any more. */
  isOver(strike: Strike): boolean {
    const result = this.of(strike)?.result;
    return result === 'held' || result === 'same';
  }

  add(strike: Strike, result: Omit<Result, 'strike'>): void {
    const whole = { strike: nameOf(strike), ...result };
    this.#newest.set(whole.strike, whole);
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(whole)}\n`);
  }
}

/** Whole ones: a last one that was broken off is taken away. */
function linesOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) writeFileSync(file, whole);
  return whole.split('\n').slice(0, -1);
}
