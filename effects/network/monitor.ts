/**
 * A command that tells of changes, a line for each, for as long as the daemon lives: one that ends
 * is started again, and what was changed meanwhile is found by looking, once it listens.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, type Cancel } from '../system/clock.ts';

export interface MonitorOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly heard: (line: string) => void;
  /** Nobody has listened for a while. */
  readonly missed: () => void;
}

const AGAIN_MS = 2_000;

/** Does not keep the daemon up. */
export class Monitor {
  readonly #options: MonitorOptions;
  #child: ChildProcess | undefined;
  #again: Cancel | undefined;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#start();
  }

  close(): void {
    this.#again?.();
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
  }

  #start(): void {
    const { command, args, heard } = this.#options;
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'] ?? '', HOME: '/dev/null', LC_ALL: 'C' },
    });
    this.#child = child;
    const over = (): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#again = after(AGAIN_MS, () => this.#startAgain(), { unref: true });
    };
    child.on('error', over);
    child.on('exit', over);
    child.unref();
    // A pipe of a child is a socket, which alone would keep the daemon up.
    if ('unref' in child.stdout && typeof child.stdout.unref === 'function') child.stdout.unref();
    createInterface({ input: child.stdout }).on('line', heard);
  }

  #startAgain(): void {
    this.#start();
    this.#again = after(AGAIN_MS, this.#options.missed, { unref: true });
  }
}
