/**
 * Runs jobs on threads of their own (archive/thread.ts): a few at once, the rest in the order of
 * asking. A thread that does not answer when it is its turn is given up, and whoever waits is told.
 */
import { Worker } from 'node:worker_threads';
import { after, type Cancel } from '../system/clock.ts';
import { makeTurns } from '../system/turns.ts';
import { ArchiveError } from './archiveError.ts';
import {
  type FromThread,
  type Job,
  type JobKind,
  type JobResults,
  ownBytes,
  type ToThread,
  WINDOW,
} from './protocol.ts';

/** Jobs at work at once; one that waits for its client holds a thread. */
const THREADS = 8;
/** Threads that are kept when nothing is to do. */
const IDLE = 1;
/** How long a thread may say nothing when it is its turn to say something. */
const SILENT_MS = 60_000;
/** How long a cancelled job may take to give back what it has opened. */
const CANCEL_MS = 10_000;

type ResultOf<K extends JobKind> = JobResults[K];

export interface Running<K extends JobKind> {
  /** Rejects with what the job failed of. */
  readonly head: Promise<ResultOf<K>['head']>;
  /** To be read by one, to the end or to a `return`; reading is what lets the job go on. */
  readonly chunks: AsyncGenerator<Buffer>;
  /** What the job ends with; its thread holds nothing any more. */
  readonly value: Promise<ResultOf<K>['value']>;
  /** Resolves when the thread is free, or given up. Never rejects. */
  readonly over: Promise<void>;
}

export interface Threads {
  /** @param input what the job reads; given up at the end of the job */
  run<K extends JobKind>(
    job: Extract<Job, { kind: K }>,
    signal: AbortSignal,
    input?: AsyncIterable<Uint8Array>,
  ): Running<K>;
  /** Jobs that are at work now. */
  busy(): number;
}

interface Acquired {
  readonly worker: Worker;
  /** @param reusable whether the thread has come to its end */
  readonly release: (reusable: boolean) => void;
}

export function makeThreads(): Threads {
  const idle: Worker[] = [];
  const turns = makeTurns(THREADS);
  const keep = (worker: Worker): void => {
    worker.unref();
    if (idle.length >= IDLE) return end(worker);
    const forget = (): void => void idle.splice(idle.indexOf(worker), 1);
    worker.once('error', forget);
    idle.push(worker);
  };
  const acquire = async (signal: AbortSignal): Promise<Acquired> => {
    const leave = await turns.take(signal);
    const worker = (idle.pop() ?? newWorker()).removeAllListeners();
    const release = (reusable: boolean): void => {
      leave();
      if (reusable) keep(worker);
      else end(worker);
    };
    return { worker, release };
  };
  return {
    run: (job, signal, input) => {
      const conversation = new Conversation(signal);
      const over = conversation.hold(acquire(signal), job, input);
      return {
        head: conversation.head.promise as Promise<never>,
        value: conversation.value.promise as Promise<never>,
        chunks: conversation.chunks(),
        over,
      };
    },
    busy: turns.taken,
  };
}

function newWorker(): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./thread.${extension}`, import.meta.url));
}

function end(worker: Worker): void {
  worker.terminate().catch((error: unknown) => process.emitWarning(String(error)));
}

const failure = (message: string): ArchiveError => new ArchiveError('failed', message);

/** One job, from the daemon's side. */
class Conversation {
  readonly head = Promise.withResolvers<unknown>();
  readonly value = Promise.withResolvers<unknown>();
  readonly #signal: AbortSignal;
  readonly #cancelled = new SharedArrayBuffer(4);
  readonly #ready: Buffer[] = [];
  readonly #over = Promise.withResolvers<boolean>();
  #worker: Worker | undefined;
  #error: Error | undefined;
  #ended = false;
  #unread = 0;
  #owed = 0;
  #wake: () => void = () => undefined;
  #cancelWait: Cancel = () => undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    // Not everybody waits for each of them.
    this.head.promise.catch(() => undefined);
    this.value.promise.catch(() => undefined);
  }

  async hold(
    acquired: Promise<Acquired>,
    job: Job,
    input: AsyncIterable<Uint8Array> | undefined,
  ): Promise<void> {
    let held: Acquired;
    try {
      held = await acquired;
    } catch (error) {
      return this.#finish(error instanceof Error ? error : failure(String(error)));
    }
    const stop = (): void => this.#cancel();
    this.#signal.addEventListener('abort', stop, { once: true });
    const { worker, release } = held;
    const clean = await this.#converse(worker, job, input);
    this.#signal.removeEventListener('abort', stop);
    worker.removeAllListeners();
    release(clean);
  }

  /** @returns whether the thread has come to its end and may be used again */
  async #converse(
    worker: Worker,
    job: Job,
    input: AsyncIterable<Uint8Array> | undefined,
  ): Promise<boolean> {
    this.#worker = worker;
    worker.ref();
    worker.on('message', (message: FromThread) => this.#hear(message));
    worker.on('error', (error) => this.#lose(failure(String(error))));
    worker.on('exit', () => this.#lose(failure('the thread that copies ended')));
    this.#say({ kind: 'job', job, cancelled: this.#cancelled });
    if (this.#signal.aborted) this.#cancel();
    this.#expect();
    const feeding = input === undefined ? Promise.resolve() : this.#feed(input);
    const clean = await this.#over.promise;
    this.#cancelWait();
    await feeding;
    return clean;
  }

  #say(message: ToThread): void {
    const moved = message.kind === 'input' ? [message.bytes.buffer as ArrayBuffer] : [];
    this.#worker?.postMessage(message, moved);
  }

  #hear(message: FromThread): void {
    if (message.kind === 'head') this.head.resolve(message.value);
    else if (message.kind === 'chunk') {
      const { buffer, byteOffset, length } = message.bytes;
      this.#ready.push(Buffer.from(buffer, byteOffset, length));
      this.#unread += 1;
    } else if (message.kind === 'taken') this.#owed -= 1;
    else if (message.kind === 'done') {
      this.value.resolve(message.value);
      this.#finish(undefined);
      this.#over.resolve(true);
    } else if (message.kind === 'failed') {
      this.#finish(this.#error ?? new ArchiveError(message.error, message.message));
      this.#over.resolve(true);
    }
    this.#expect();
    this.#wake();
  }

  /** Its turn is when it may send, or has been sent something. */
  #expect(): void {
    this.#cancelWait();
    if (this.#ended || (this.#unread >= WINDOW && this.#error === undefined)) return;
    if (this.#feeds && this.#owed === 0 && this.#error === undefined) return;
    const ms = this.#error === undefined ? SILENT_MS : CANCEL_MS;
    const late = failure(`copying was given up: nothing happened for ${ms / 1000} s`);
    this.#cancelWait = after(ms, () => this.#lose(late));
  }
  #feeds = false;

  #cancel(): void {
    if (this.#ended) return;
    const { reason } = this.#signal;
    this.#error ??= reason instanceof Error ? reason : failure(String(reason));
    this.#giveUp();
    this.#wake();
  }

  #lose(error: Error): void {
    this.#finish(this.#error ?? error);
    this.#over.resolve(false);
  }

  #finish(error: Error | undefined): void {
    this.#ended = true;
    this.#error ??= error;
    this.#cancelWait();
    const reason = this.#error ?? failure('it ended early');
    this.head.reject(reason);
    this.value.reject(reason);
    this.#wake();
  }

  async #changed(): Promise<void> {
    await new Promise<void>((resolve) => {
      const before = this.#wake;
      this.#wake = () => {
        before();
        resolve();
      };
    });
    this.#wake = () => undefined;
  }

  async *chunks(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const chunk = this.#ready.shift();
        if (chunk !== undefined) {
          this.#unread -= 1;
          this.#say({ kind: 'granted' });
          this.#expect();
          yield chunk;
        } else if (this.#error !== undefined) throw this.#error;
        else if (this.#ended) return;
        else await this.#changed();
      }
    } finally {
      this.#stop();
    }
  }

  /** Whoever read has enough. */
  #stop(): void {
    if (this.#ended) return;
    this.#error ??= failure('nobody reads it any more');
    this.#giveUp();
  }

  #giveUp(): void {
    Atomics.store(new Int32Array(this.#cancelled), 0, 1);
    this.#say({ kind: 'cancel' });
    this.#expect();
  }

  /** Input that is not wanted any more is left where it is: it is its owner's. */
  async #feed(input: AsyncIterable<Uint8Array>): Promise<void> {
    this.#feeds = true;
    this.#expect();
    const iterator = input[Symbol.asyncIterator]();
    const over = this.#over.promise.then(() => ({ done: true, value: undefined }) as const);
    try {
      for (;;) {
        const next = await Promise.race([iterator.next(), over]);
        if (this.#ended || this.#error !== undefined) return;
        if (next.done === true) break;
        this.#say({ kind: 'input', bytes: ownBytes(next.value) });
        this.#owed += 1;
        this.#expect();
        while (this.#owed >= WINDOW && !this.#ended) await this.#changed();
      }
      this.#feeds = false;
      this.#say({ kind: 'input-end' });
    } catch (error) {
      this.#error ??= error instanceof Error ? error : failure(String(error));
      this.#giveUp();
    }
    this.#expect();
  }
}
