/**
 * A program of the system that lives as long as the daemon and is told one thing after the other
 * through its standard input, because a fork of the daemon for each would block its event loop in
 * proportion to its memory. After each text stands a unique word that makes the program say that
 * word; what it says before it is the answer.
 *
 * Whoever waits when it dies, or when an answer takes too long, is told so, and the next call gets
 * a new process. Nothing is said twice by itself: only the caller knows whether that is safe.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { EffectFailure } from '../failure.ts';
import { after, type Cancel, monotonicMs, sleep } from '../system/clock.ts';
import { randomHex } from '../system/ids.ts';

export interface DialogueOptions {
  /** For messages. */
  readonly name: string;
  /** Run by `sh -c`; what it says on its standard error is to be on its standard output. */
  readonly script: string;
  /** What makes the program say the word on a line that `answer` finds. */
  ending(word: string): string;
  /** The answer, and the rest after it; undefined while the word has not been said. */
  answer(said: string, word: string): { readonly text: string; readonly rest: string } | undefined;
  readonly deadlineMs: number;
  /** Called when a process ended that nobody asked to end. */
  readonly died: (why: string) => void;
}

interface Waiting {
  readonly word: string;
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
  readonly cancel: Cancel;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
const RENEWED = 'was renewed';
/** A process that lived so long was a good one. */
const SOUND_MS = 10_000;

export class Dialogue {
  readonly #options: DialogueOptions;
  readonly #waiting: Waiting[] = [];
  #child: ChildProcessWithoutNullStreams | undefined;
  #said = '';
  #startedMs = 0;
  #pauseMs = 0;
  #starting: Promise<void> | undefined;
  #closed = false;

  constructor(options: DialogueOptions) {
    this.#options = options;
  }

  /** Of the process now at work; undefined if there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * What the program says to `text`. @throws EffectFailure `unavailable` when it died before it
   * had answered, `deadline` when it took too long: then nobody knows whether it was done.
   */
  async ask(text: string): Promise<string> {
    while (this.#child === undefined) {
      if (this.#closed) throw this.#failure('was closed');
      this.#starting ??= this.#start().finally(() => {
        this.#starting = undefined;
      });
      await this.#starting;
    }
    const child = this.#child;
    const word = `w${randomHex(8)}`;
    return new Promise((resolve, reject) => {
      const late = `took more than ${this.#options.deadlineMs} ms`;
      const cancel = after(this.#options.deadlineMs, () => this.#lost(child, 'deadline', late));
      this.#waiting.push({ word, resolve, reject, cancel });
      child.stdin.write(`${text}\n${this.#options.ending(word)}\n`);
    });
  }

  /** Ends the process; whoever waits is told. The next call gets another one. */
  renew(): void {
    if (this.#child !== undefined) this.#lost(this.#child, 'unavailable', RENEWED);
  }

  /** The same, for ever. */
  close(): void {
    this.#closed = true;
    if (this.#child !== undefined) this.#lost(this.#child, 'unavailable', 'was closed');
  }

  async #start(): Promise<void> {
    if (this.#pauseMs > 0) await sleep(this.#pauseMs);
    if (!this.#closed) this.#spawn();
  }

  #spawn(): void {
    const child = spawn('sh', ['-c', this.#options.script], {
      stdio: 'pipe',
      cwd: '/',
      // nft keeps a history of what it was told in its user's home.
      env: { PATH: process.env['PATH'] ?? '', HOME: '/dev/null', LC_ALL: 'C' },
    });
    this.#child = child;
    this.#said = '';
    this.#startedMs = monotonicMs();
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => this.#heard(child, chunk));
    child.on('error', (error) => this.#lost(child, 'unavailable', error.message));
    child.on('exit', (code, signal) =>
      this.#lost(child, 'unavailable', `ended with ${signal ?? code}`),
    );
    // A broken pipe is told by the exit as well, and better.
    child.stdin.on('error', (error) => this.#lost(child, 'unavailable', error.message));
    child.unref();
    for (const pipe of [child.stdin, child.stdout, child.stderr]) unref(pipe);
  }

  #heard(child: ChildProcessWithoutNullStreams, chunk: string): void {
    if (child !== this.#child) return;
    this.#said += chunk;
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const found = this.#options.answer(this.#said, first.word);
      if (found === undefined) return;
      this.#said = found.rest;
      this.#waiting.shift();
      first.cancel();
      first.resolve(found.text);
    }
  }

  #lost(
    child: ChildProcessWithoutNullStreams,
    kind: 'unavailable' | 'deadline',
    why: string,
  ): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    child.kill('SIGKILL');
    const lived = monotonicMs() - this.#startedMs;
    const longer = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, this.#pauseMs * 2));
    this.#pauseMs = lived > SOUND_MS ? 0 : longer;
    const [first, ...others] = this.#waiting.splice(0);
    first?.cancel();
    first?.reject(this.#failure(why, kind));
    for (const { cancel, reject } of others) {
      cancel();
      reject(this.#failure(why));
    }
    if (!this.#closed && why !== RENEWED) this.#options.died(`${this.#options.name} ${why}`);
  }

  #failure(why: string, kind: 'unavailable' | 'deadline' = 'unavailable'): EffectFailure {
    return new EffectFailure(kind, `${this.#options.name} ${why}`);
  }
}

/** Pipes of a child are sockets: they alone must not keep the daemon up. */
function unref(pipe: object): void {
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
}
