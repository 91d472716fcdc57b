/**
 * The simulated stdio process: FIFOs by container and run, with a reader until they are closed.
 * It outlives the daemon, and is away at times.
 */
import { PassThrough } from 'node:stream';
import type { OutputPort } from '../../../effects/container/output.ts';
import type { Stdio } from '../../../effects/containerd/types.ts';
import { EffectFailure } from '../../../effects/failure.ts';
import type { FifoPaths } from '../../../effects/stdio/protocol.ts';
import type { SimulatedClock } from '../clock.ts';
import type { Life } from '../life.ts';
import type { Random } from '../random.ts';
import type { Weather } from '../weather.ts';
import { type Errors, Neighbour, Wire } from '../wire.ts';
import type { FileTree } from './files.ts';

interface Opened {
  readonly directory: string;
  ended: boolean;
  readonly waiters: Set<() => void>;
}

const unavailable = (message: string): Error => new EffectFailure('unavailable', message);
const errors: Errors = {
  unavailable,
  cancelled: (name) => unavailable(`${name}: let go`),
  deadline: () => unavailable('the stdio process does not answer'),
  failure: (name) => unavailable(`${name}: never refused`),
};

export class SimulatedOutput {
  readonly neighbour = new Neighbour();
  readonly #opened = new Map<string, Opened>();
  readonly #attached = new Map<string, Set<PassThrough>>();
  readonly #directory: string;
  readonly #tree: FileTree;
  readonly #clock: SimulatedClock;
  readonly #random: Random;

  constructor(directory: string, tree: FileTree, clock: SimulatedClock, random: Random) {
    this.#directory = directory;
    this.#tree = tree;
    this.#clock = clock;
    this.#random = random;
  }

  hasReader(path: string): boolean {
    return this.#tree.get(path) !== undefined;
  }

  /** The last writer is gone; the rest is read soon, or not. */
  writerGone({ stdout }: Stdio): void {
    const ms = this.#random.chance(0.1) ? this.#random.below(4_000) : this.#random.below(20);
    this.#clock.after(ms, () => {
      for (const opened of this.#opened.values()) {
        if (stdout.startsWith(`${opened.directory}/`)) this.#end(opened);
      }
    });
  }

  #end(opened: Opened): void {
    opened.ended = true;
    for (const tell of opened.waiters) tell();
    opened.waiters.clear();
    const container = opened.directory.split('/').at(-2) ?? '';
    for (const stream of this.#attached.get(container) ?? []) stream.end();
    this.#attached.delete(container);
  }

  /** Nobody writes anything here: it ends when the output does. */
  attach(container: string): PassThrough {
    const stream = new PassThrough();
    const streams = this.#attached.get(container) ?? new Set();
    this.#attached.set(container, streams.add(stream));
    return stream;
  }

  open(container: string, run: number) {
    const directory = `${this.#directory}/${container}/${run}`;
    const key = `${container}/${run}`;
    if (!this.#opened.has(key)) {
      this.#opened.set(key, { directory, ended: false, waiters: new Set() });
      this.#tree.makeDirectories(directory);
      for (const name of ['stdout', 'stderr']) {
        this.#tree.write(`${directory}/${name}`, 'fifo', false);
      }
    }
    return this.paths(container, run);
  }

  paths(container: string, run: number): FifoPaths {
    const directory = `${this.#directory}/${container}/${run}`;
    return { stdin: '', stdout: `${directory}/stdout`, stderr: `${directory}/stderr` };
  }

  async awaitEnd(container: string, run: number, ms: number): Promise<boolean> {
    const opened = this.#opened.get(`${container}/${run}`);
    if (opened === undefined || opened.ended) return true;
    await new Promise<void>((resolve) => {
      opened.waiters.add(resolve);
      this.#clock.after(ms, resolve);
    });
    return opened.ended;
  }

  async untilEnd(container: string, run: number): Promise<boolean> {
    const opened = this.#opened.get(`${container}/${run}`);
    if (opened === undefined || opened.ended) return true;
    await new Promise<void>((resolve) => opened.waiters.add(resolve));
    return true;
  }

  close(container: string, run: number): void {
    const opened = this.#opened.get(`${container}/${run}`);
    if (opened === undefined) return;
    this.#end(opened);
    this.#opened.delete(`${container}/${run}`);
    this.#tree.remove(opened.directory);
    const parent = `${this.#directory}/${container}`;
    if (!this.#tree.paths().some((path) => path.startsWith(`${parent}/`))) {
      this.#tree.remove(parent);
    }
  }

  port(life: Life, weather: Weather): OutputPort {
    const wire = new Wire(this.#clock, life, weather, this.neighbour, errors);
    const ask = <T>(name: string, act: () => T | Promise<T>, ms = 0): Promise<T> => {
      const deadlineMs = ms + 10_000;
      const plan = { name, signal: undefined, deadlineMs, longMs: 2_000, mayFail: false };
      return wire.call(plan, act);
    };
    return {
      open: ({ container, run }) => ask('stdio.open', () => this.open(container, run)),
      paths: ({ container, run }) => this.paths(container, run),
      awaitEnd: (container, run, ms) =>
        ask('stdio.awaitEnd', () => this.awaitEnd(container, run, ms), ms),
      untilEnd: (container, run) => {
        const plan = { name: 'stdio.untilEnd', signal: undefined, longMs: 2_000, mayFail: false };
        const end = wire.call({ ...plan, deadlineMs: null }, () => this.untilEnd(container, run));
        return end.catch(() => false);
      },
      awaitStdinClosed: (container, run, ms) =>
        ask('stdio.awaitStdin', () => this.awaitEnd(container, run, ms), ms),
      close: (container, run) => ask('stdio.close', () => this.close(container, run)),
      abandon: () => ask('stdio.abandon', () => undefined),
      isUsed: () => true,
      attach: (container) => ask('stdio.attach', () => this.attach(container)),
    };
  }
}
