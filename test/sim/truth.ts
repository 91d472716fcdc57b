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
  /** Directories of volumes that it was given. */
  readonly volumes: readonly string[];
}

export interface SignalTruth {
  readonly container: string;
  readonly run: number;
  readonly exec: string | null;
  readonly signal: number;
  readonly position: number;
}

/** What a process has written into a volume, and the durable end of the log then. */
export interface WrittenTruth {
  readonly path: string;
  readonly position: number;
}

export class Truth {
  readonly processes: ProcessTruth[] = [];
  readonly signals: SignalTruth[] = [];
  readonly written: WrittenTruth[] = [];
  /** Ids of containers that somebody else has made. */
  readonly strangers: string[] = [];
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

  /** Somebody deletes what is below that path. */
  removing(path: string): void {
    for (const { container, startedAtMs, endedAtMs, volumes } of this.processes) {
      const runs = startedAtMs !== null && endedAtMs === null;
      if (!runs || !volumes.some((volume) => volume.startsWith(`${path}/`))) continue;
      this.violations.push(`${path} is deleted under a process of ${container}`);
    }
  }

  trouble(line: string): void {
    this.troubles.push(line);
    this.say(`trouble: ${line}`);
  }
}

/** Ids of the simulation are two digits repeated. */
export const shortened = (text: string): string => text.replace(/([0-9a-f]{2})\1{31}/g, '$1');
