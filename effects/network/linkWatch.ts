/**
 * Notices that somebody took links away: one `ip monitor` for as long as the daemon lives. It tells
 * names; whether one should be there is known to whoever asked.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, type Cancel } from '../system/clock.ts';

export interface LinkWatchOptions {
  /** A link is gone, or hangs on nothing any more; null: nobody looked for a while. */
  readonly changed: (name: string | null) => void;
}

const AGAIN_MS = 2_000;

export class LinkWatch {
  readonly #options: LinkWatchOptions;
  #child: ChildProcess | undefined;
  #again: Cancel | undefined;

  constructor(options: LinkWatchOptions) {
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
    const child = spawn('ip', ['-o', 'monitor', 'link'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
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
    createInterface({ input: child.stdout }).on('line', (line) => {
      const name = lostIn(line);
      if (name !== undefined) this.#options.changed(name);
    });
  }

  /** What was changed meanwhile is found by looking, once it listens. */
  #startAgain(): void {
    this.#start();
    this.#again = after(AGAIN_MS, () => this.#options.changed(null), { unref: true });
  }
}

/** `Deleted 7: br0: <…>`, or one that was set down: its name; undefined: of no interest. */
export function lostIn(line: string): string | undefined {
  const [, deleted, name, flags = ''] =
    /^(Deleted )?\d+: ([^:@]+)(?:@[^:]+)?: <([^>]*)>/.exec(line) ?? [];
  if (name === undefined) return undefined;
  return deleted !== undefined || !flags.split(',').includes('UP') ? name : undefined;
}
