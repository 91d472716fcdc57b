/**
 * What is on record of the probes of one run, beside the log: the last five results, as inspect
 * shows them, and the probe that is under way, so that one whose daemon was killed is found again.
 */
import { createHash } from 'node:crypto';
import type { EffectParams } from '../../machines/effects.ts';
import type { SidePort } from './sidePort.ts';

/** Docker shows as many. */
const MOST_RESULTS = 5;
const RESULT = 'health.result';
const PROBE = 'health.probe';

/** What a probe has given. Times are decimal nanoseconds since 1970. */
export interface ProbeResult {
  readonly startNs: string;
  readonly endNs: string;
  /** -1: it took too long, or could not be run. */
  readonly exitCode: number;
  readonly output: string;
}

/** A result with its place in the run: `streak` failures in a row, it included. */
export interface KeptResult extends ProbeResult {
  readonly run: number;
  readonly streak: number;
}

interface KeptProbe {
  readonly run: number;
  /** Counts the probes of the run. */
  readonly number: number;
  /** Its exec id; empty: nothing is left of it. */
  readonly exec: string;
}

type Run = EffectParams['health.watch'];

export const subjectOf = (container: string): string => `container/${container}`;

export class ProbeJournal {
  readonly #side: SidePort;
  readonly #of: Run;

  constructor(side: SidePort, of: Run) {
    this.#side = side;
    this.#of = of;
  }

  /** The newest result of this run. */
  last(): KeptResult | undefined {
    return this.#newest<KeptResult>(RESULT);
  }

  /** Exec id of a probe of which something may be left. */
  underWay(): string | undefined {
    return this.#newest<KeptProbe>(PROBE)?.exec || undefined;
  }

  /** The same of whatever run: of one before this, or of the last there was. */
  leftover(): string | undefined {
    return this.#newestOf<KeptProbe>(PROBE)?.exec || undefined;
  }

  /** Exec id of the next probe: on record before anything of it is in the world. */
  begin(): string {
    const number = (this.#newest<KeptProbe>(PROBE)?.number ?? 0) + 1;
    const { id, run } = this.#of;
    const exec = createHash('sha256').update(`probe ${id} ${run} ${number}`).digest('hex');
    this.#keepProbe({ run, number, exec });
    return exec;
  }

  /** Nothing is left of that probe; one that has begun since is not touched. */
  end(exec: string): void {
    const newest = this.#newestOf<KeptProbe>(PROBE);
    if (newest?.exec === exec) this.#keepProbe({ ...newest, exec: '' });
  }

  keep(result: ProbeResult, streak: number): void {
    const kept = { ...result, run: this.#of.run, streak };
    this.#side.keep(subjectOf(this.#of.id), RESULT, kept, MOST_RESULTS);
  }

  tell(action: string, attributes: Readonly<Record<string, string>>): void {
    this.#side.note({ subject: subjectOf(this.#of.id), action, attributes });
  }

  #keepProbe(probe: KeptProbe): void {
    this.#side.keep(subjectOf(this.#of.id), PROBE, { ...probe }, 1);
  }

  #newest<T extends { readonly run: number }>(kind: string): T | undefined {
    const newest = this.#newestOf<T>(kind);
    return newest?.run === this.#of.run ? newest : undefined;
  }

  #newestOf<T>(kind: string): T | undefined {
    const newest = this.#side.kept(subjectOf(this.#of.id), kind).at(-1) as object | undefined;
    return newest as T | undefined;
  }
}
