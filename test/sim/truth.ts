/**
 * What really happened in the simulated world, for the checkers to compare the log with. Nobody
 * but the world writes it.
 */
export interface ProcessTruth {
  readonly container: string;
  /** As the label of the record said when the process was made. */
  readonly run: number;
  readonly exec: string | null;
  readonly pid: number;
  readonly createdAtMs: number;
  /** The durable end of the log when the runtime was asked to make the process. */
  readonly position: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  code: number | null;
  /** Why nobody can know its exit any more; null: it can be known. */
  lost: string | null;
  /** It was taken away: its code is not one of its own, and nobody may claim to know it. */
  vanished: boolean;
}

export interface SignalTruth {
  readonly container: string;
  readonly run: number;
  readonly exec: string | null;
  readonly signal: number;
  readonly position: number;
}

export class Truth {
  readonly processes: ProcessTruth[] = [];
  readonly signals: SignalTruth[] = [];
  /** The durable end of the log when a daemon was killed, for each. */
  readonly kills: number[] = [];
  /** Probes of health by exec id: of which container and run, and when that was on record. */
  readonly probes = new Map<string, { container: string; run: number; atMs: number }>();
  /** What must never happen in the world, in words: a root mounted twice, for one. */
  readonly violations: string[] = [];
  /** Words of every trouble that was made, so that a failure can be told from an invention. */
  readonly troubles: string[] = [];
  readonly trace: string[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  say(line: string): void {
    this.trace.push(`${this.#nowMs()} ${shortened(line)}`);
  }

  trouble(line: string): void {
    this.troubles.push(line);
    this.say(`trouble: ${line}`);
  }
}

/** Ids of the simulation are two digits repeated. */
export const shortened = (text: string): string => text.replace(/([0-9a-f]{2})\1{31}/g, '$1');
