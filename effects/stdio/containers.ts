/**
 * Every container the process knows: its runs, the clients that wait for its next run, and those
 * who follow its log. What is present is the latest run whose output has not ended, or, for a
 * client with input, that still takes some.
 */
import type { Socket } from 'node:net';
import { Attachment } from './attachment.ts';
import type { AttachWants, FifoPaths, RunParameters, RunState } from './protocol.ts';
import { Run } from './run.ts';
import { removeRemains, type SavedRun, savedRuns } from './runFiles.ts';
import { Watcher } from './watcher.ts';

interface Entry {
  readonly runs: Map<number, Run>;
  readonly waiting: Set<Attachment>;
  readonly watchers: Set<Watcher>;
}

export class Containers {
  readonly #dir: string;
  readonly #trouble: (message: string, error: unknown) => void;
  readonly #entries = new Map<string, Entry>();

  constructor(dir: string, trouble: (message: string, error: unknown) => void) {
    this.#dir = dir;
    this.#trouble = trouble;
  }

  /** Goes on with the runs that an earlier process has left. */
  recover(): void {
    const saved = savedRuns(this.#dir, (path, error) => this.#trouble(`cannot use ${path}`, error));
    for (const run of saved) {
      const { container } = run.parameters;
      try {
        this.#start(run, true);
      } catch (error) {
        this.#trouble(`cannot go on with run ${run.parameters.run} of ${container}`, error);
      }
    }
  }

  /** Throws what making and opening FIFOs and log throws. The same run twice is the same run. */
  open(parameters: RunParameters): FifoPaths {
    const known = this.#entries.get(parameters.container)?.runs.get(parameters.run);
    const run =
      known ?? this.#start({ parameters, stdinClosed: false, held: {}, phase: 'open' }, false);
    if (known !== undefined) {
      known.open();
      this.#joinWaiting(parameters.container);
    }
    return run.fifos;
  }

  run(container: string, run: number): Run | undefined {
    return this.#entries.get(container)?.runs.get(run);
  }

  close(container: string, run: number): void {
    const known = this.run(container, run);
    if (known === undefined) return removeRemains(this.#dir, container, run);
    known.close();
    this.#entries.get(container)?.runs.delete(run);
    this.#prune(container);
  }

  /** Nobody has to wait any more: there will be no other run. */
  abandon(container: string): void {
    this.#finishWaiting(container);
    this.#prune(container);
  }

  #finishWaiting(container: string): void {
    const waiting = [...(this.#entries.get(container)?.waiting ?? [])];
    this.#entries.get(container)?.waiting.clear();
    for (const client of waiting) client.finish();
  }

  /** Joins the client to the present run, or to the next. */
  attach(container: string, wants: AttachWants, socket: Socket): void {
    const client: Attachment = new Attachment(socket, wants, () => {
      this.#entries.get(container)?.waiting.delete(client);
      this.#prune(container);
    });
    const present = this.#present(container, wants.stdin);
    if (present !== undefined) present.attach(client);
    else this.#entry(container).waiting.add(client);
  }

  /**
   * Whether all output of a process that has exited has ended, within `ms` milliseconds. Clients
   * that came after it had closed its output wait for nothing any more.
   */
  async awaitEnd(container: string, run: number, ms: number): Promise<boolean> {
    const known = this.run(container, run);
    if (known === undefined) return true;
    const latest = [...(this.#entries.get(container)?.runs.values() ?? [])].at(-1);
    if (latest === known) this.#finishWaiting(container);
    return await known.awaitEnd(ms);
  }

  watch(container: string, socket: Socket): void {
    const watcher: Watcher = new Watcher(socket, () => {
      this.#entries.get(container)?.watchers.delete(watcher);
      this.#prune(container);
    });
    if (this.#present(container) === undefined) return watcher.ended();
    this.#entry(container).watchers.add(watcher);
    watcher.grew();
  }

  list(): RunState[] {
    const entries = [...this.#entries.values()];
    return entries.flatMap((entry) => [...entry.runs.values()].map((run) => run.state));
  }

  /** Lets go of all runs; a later process can go on with them. */
  suspend(): void {
    for (const entry of this.#entries.values()) {
      for (const run of entry.runs.values()) run.suspend();
      for (const client of entry.waiting) client.leave();
    }
  }

  #start(saved: SavedRun, recovered: boolean): Run {
    const { container, run: number } = saved.parameters;
    const run = new Run(this.#dir, saved, recovered, {
      grew: () => {
        for (const watcher of this.#entries.get(container)?.watchers ?? []) watcher.grew();
      },
      ended: () => this.#ended(container),
      trouble: this.#trouble,
    });
    this.#entry(container).runs.set(number, run);
    this.#joinWaiting(container);
    return run;
  }

  #ended(container: string): void {
    if (this.#present(container) !== undefined) return;
    const watchers = [...(this.#entries.get(container)?.watchers ?? [])];
    this.#entries.get(container)?.watchers.clear();
    for (const watcher of watchers) watcher.ended();
  }

  #joinWaiting(container: string): void {
    const entry = this.#entry(container);
    const present = this.#present(container);
    if (present === undefined) return;
    const waiting = [...entry.waiting];
    entry.waiting.clear();
    for (const client of waiting) present.attach(client);
  }

  #present(container: string, withInput = false): Run | undefined {
    const runs = [...(this.#entries.get(container)?.runs.values() ?? [])];
    return runs.reverse().find((run) => !run.ended || (withInput && run.takesInput));
  }

  #entry(container: string): Entry {
    const known = this.#entries.get(container);
    if (known !== undefined) return known;
    const entry: Entry = { runs: new Map(), waiting: new Set(), watchers: new Set() };
    this.#entries.set(container, entry);
    return entry;
  }

  #prune(container: string): void {
    const entry = this.#entries.get(container);
    if (entry === undefined) return;
    if (entry.runs.size + entry.waiting.size + entry.watchers.size > 0) return;
    this.#entries.delete(container);
  }
}
