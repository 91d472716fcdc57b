/**
 * Refused commands are on record too, but they must not fill the log (law 16): equal ones are
 * counted, a batch is written at most once a second, and what goes over the bound is counted as
 * dropped.
 */
import type { Caller } from '../machines/words.ts';
import type { Time } from './ports.ts';

const FLUSH_MS = 1_000;
const MOST_KINDS = 50;

export interface RefusedEntry {
  readonly command: string;
  readonly stream: string;
  readonly refusal: string;
  readonly count: number;
  readonly caller: Caller;
  /** The last one. */
  readonly request: string;
}

export class RefusalRecorder {
  readonly #time: Pick<Time, 'after'>;
  readonly #write: (refused: readonly RefusedEntry[]) => void;
  #batch = new Map<string, RefusedEntry>();
  #cancelFlush: (() => void) | null = null;

  constructor(time: Pick<Time, 'after'>, write: (refused: readonly RefusedEntry[]) => void) {
    this.#time = time;
    this.#write = write;
  }

  record(entry: Omit<RefusedEntry, 'count'>): void {
    const { caller, request } = entry;
    const full = this.#batch.size >= MOST_KINDS;
    const kept = full ? { command: '*', stream: '*', refusal: 'dropped', caller, request } : entry;
    const key = JSON.stringify([kept.command, kept.stream, kept.refusal, full ? '' : caller]);
    const count = (this.#batch.get(key)?.count ?? 0) + 1;
    this.#batch.set(key, { ...kept, count });
    this.#cancelFlush ??= this.#time.after(FLUSH_MS, () => this.flush());
  }

  /** Writes what is waiting, now. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    if (this.#batch.size === 0) return;
    const refused = [...this.#batch.values()];
    this.#batch = new Map();
    this.#write(refused);
  }
}
