/**
 * Notices that somebody else changed rules: our table, or what is forwarded at all. One
 * `nft monitor` for as long as the daemon lives; it costs nothing while nobody changes anything.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, type Cancel } from '../system/clock.ts';

export interface RuleWatchOptions {
  readonly table: string;
  /** Whether a process is ours: what it changed is no news. */
  readonly isOurs: (pid: number) => boolean;
  readonly changed: () => void;
}

const AGAIN_MS = 2_000;

export class RuleWatch {
  readonly #options: RuleWatchOptions;
  #child: ChildProcess | undefined;
  #again: Cancel | undefined;
  /** Since the last generation, something of interest was told. */
  #touched = false;

  constructor(options: RuleWatchOptions) {
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
    const child = spawn('nft', ['monitor'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'] ?? '', HOME: '/dev/null', LC_ALL: 'C' },
    });
    this.#child = child;
    const over = (): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#options.changed();
      this.#again = after(AGAIN_MS, () => this.#startAgain(), { unref: true });
    };
    child.on('error', over);
    child.on('exit', over);
    child.unref();
    // A pipe of a child is a socket, which alone would keep the daemon up.
    if ('unref' in child.stdout && typeof child.stdout.unref === 'function') child.stdout.unref();
    createInterface({ input: child.stdout }).on('line', (line) => this.#heard(line));
  }

  /** What was changed meanwhile is found by looking, once it listens. */
  #startAgain(): void {
    this.#start();
    this.#again = after(AGAIN_MS, () => this.#options.changed(), { unref: true });
  }

  #heard(line: string): void {
    const author = /^# new generation \d+ by process (\d+)/.exec(line)?.[1];
    if (author === undefined) {
      this.#touched ||= concerns(line, this.#options.table);
      return;
    }
    const news = this.#touched && !this.#options.isOurs(Number(author));
    this.#touched = false;
    if (news) this.#options.changed();
  }
}

/** Whether a line of `nft monitor` is about our table or about the policy of forwarding. */
export function concerns(line: string, table: string): boolean {
  const words = line.split(/\s+/);
  return words.includes(table) || (words.includes('filter') && words.includes('FORWARD'));
}
