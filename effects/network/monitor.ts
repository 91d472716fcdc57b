/**
 * A command that tells of changes, a line for each, for as long as the daemon lives: one that ends
 * is started again, and what was changed meanwhile is found by looking, once it listens. What it
 * says on stderr is that it has lost something: `ip monitor` does when the kernel drops messages.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, type Cancel, monotonicMs } from '../system/clock.ts';

export interface MonitorOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly heard: (line: string) => void;
  /** Nobody has listened for a while, or not to everything. */
  readonly missed: () => void;
}

/** One that dies young is not started as fast again. */
const AGAIN_MS = { atOnce: 100, young: 2_000 };
/** By then one that was started listens. */
const LISTENS_MS = 2_000;
/** What is lost comes in crowds. */
const LOST_MS = 200;

/** Does not keep the daemon up. */
export class Monitor {
  readonly #options: MonitorOptions;
  #child: ChildProcess | undefined;
  #again: Cancel | undefined;
  #lost: Cancel | undefined;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#start();
  }

  close(): void {
    this.#again?.();
    this.#lost?.();
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
  }

  #start(): void {
    const { command, args, heard } = this.#options;
    const since = monotonicMs();
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', HOME: '/dev/null', LC_ALL: 'C' },
    });
    this.#child = child;
    const over = (): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      const young = monotonicMs() - since < AGAIN_MS.young;
      const pause = young ? AGAIN_MS.young : AGAIN_MS.atOnce;
      this.#again = after(pause, () => this.#startAgain(), { unref: true });
    };
    child.on('error', over);
    child.on('exit', over);
    child.unref();
    // A pipe of a child is a socket, which alone would keep the daemon up.
    for (const pipe of [child.stdout, child.stderr]) {
      if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
    }
    createInterface({ input: child.stdout }).on('line', heard);
    child.stderr.on('data', () => this.#hasLost());
  }

  #hasLost(): void {
    const tell = (): void => {
      this.#lost = undefined;
      this.#options.missed();
    };
    this.#lost ??= after(LOST_MS, tell, { unref: true });
  }

  #startAgain(): void {
    this.#start();
    this.#again = after(LISTENS_MS, this.#options.missed, { unref: true });
  }
}
