/**
 * The daemon's access to the stdio process: finds it or starts it, and starts it again when it
 * dies. Every operation may be repeated, so what was under way when the connection broke is asked
 * again, until its deadline.
 */
import { join, resolve } from 'node:path';
import { addAbortSignal, type Duplex } from 'node:stream';
import { EffectFailure } from '../failure.ts';
import { monotonicMs, sleep } from '../system/clock.ts';
import { within } from '../system/within.ts';
import { ConnectionLost, StdioConnection } from './connection.ts';
import { LastingAttach } from './lastingAttach.ts';
import { launchStdio } from './launch.ts';
import { fifoPaths, socketName } from './places.ts';
import type {
  AttachWants,
  FifoPaths,
  Hello,
  Operation,
  Parameters,
  Result,
  RunParameters,
  RunState,
} from './protocol.ts';
import { protocolVersion } from './protocol.ts';
import { Waiters } from './waiters.ts';
import { watchEvents } from './watchEvents.ts';

export interface Stdio {
  /**
   * Makes and opens the run's FIFOs; attachments that were asked for before are registered by then.
   * Repeated it gives the same paths.
   */
  open(parameters: RunParameters): Promise<FifoPaths>;
  /** Where a run's FIFOs are, or will be; `''`: no such stream. */
  paths(parameters: RunParameters): FifoPaths;
  /**
   * True when all output has ended and is in the log and with the clients; false when it has not
   * within `ms` milliseconds. True for a run that is not known. To be asked when the process has
   * exited: input for it is over with the question, and after a restart of the stdio process a FIFO
   * without a writer is taken for one that ended.
   */
  awaitEnd(container: string, run: number, ms: number): Promise<boolean>;
  /**
   * True when all output has ended and is with the clients; may be asked before there is any.
   * False: nobody knows, the process that was asked is there no more.
   */
  untilEnd(container: string, run: number): Promise<boolean>;
  /**
   * Whether the run's stdin is closed on our side, by a client's end or by `closeStdin`, within
   * `ms`; containerd's CloseIO has to follow, once the task is there. True for a run that is not
   * known: ask only after `open`, a client may have ended its input before.
   */
  awaitStdinClosed(container: string, run: number, ms: number): Promise<boolean>;
  closeStdin(container: string, run: number): Promise<void>;
  /** Reads what is left, ends log and clients, removes the FIFOs. Fine when it was done already. */
  close(container: string, run: number): Promise<void>;
  /** Ends the clients that wait for a run that will not come. */
  abandon(container: string): Promise<void>;
  /** Whether this client was asked to open or to attach to it, and not to abandon it since. */
  isUsed(container: string): boolean;
  /**
   * Registered, with the present run or for the next, when it resolves. Readable side: stdcopy
   * frames; ends with the run's output, and if it may send input, not before that is closed or
   * the process has exited. Writable side: raw stdin. Goes on across a restart of the stdio
   * process, but for what was under way.
   */
  attach(container: string, wants: AttachWants): Promise<Duplex>;
  /**
   * `grew` once at first and whenever the log may have more, then `ended`; at once when no run is
   * there. Goes on across a restart of the stdio process. Ends silently when aborted.
   */
  watch(container: string, signal?: AbortSignal): AsyncIterable<'grew' | 'ended'>;
  list(): Promise<readonly RunState[]>;
  ping(): Promise<Hello>;
  state(): 'connected' | 'lost';
  /** Ends the process; its runs are gone on with by the next. */
  shutdown(): Promise<void>;
  /** Lets go of the process, which serves on. */
  disconnect(): void;
}

/** What became of the process while this client was there. Pid 0: it did not say. */
export type StdioChange =
  | { readonly kind: 'lost'; readonly pid: number; readonly reason: string }
  /** Connected again; `restarted`: to another process. */
  | { readonly kind: 'connected'; readonly pid: number; readonly restarted: boolean };

export interface StdioOptions {
  readonly dir: string;
  onChange?(change: StdioChange): void;
}

const requestMs = 10_000;
const launchMs = 10_000;
/** The longest that a timer takes. */
const EVER_MS = 2 ** 31 - 1;
const retryMs = { first: 50, most: 5000 };

/**
 * Adopts the process that serves `dir`, or starts one. Rejects with `EffectFailure` if neither can
 * be done within 10 seconds or if the one that serves speaks another language.
 */
export async function connectStdio(options: StdioOptions): Promise<Stdio> {
  const client = new StdioClient(resolve(options.dir), options.onChange);
  await client.begin();
  return client;
}

/**
 * Has a process of an earlier version hand its runs over: the next one goes on with them where it
 * stopped, and what is written meanwhile waits in the FIFOs.
 */
async function relieve(connection: StdioConnection): Promise<void> {
  await connection.request('shutdown', {}, requestMs);
  await within(connection.closed, requestMs);
}

/** Whether one process said both. */
const isSame = (one: Hello, other: Hello | undefined): boolean =>
  one.pid === other?.pid && one.startTime === other?.startTime;

class StdioClient implements Stdio {
  readonly #dir: string;
  readonly #path: string;
  readonly #over = new AbortController();
  readonly #connections = new Waiters();
  readonly #changed: StdioOptions['onChange'];
  /** Bounded by the containers that are there. */
  readonly #used = new Set<string>();
  /** Attachments on their way, by container. */
  readonly #attaching = new Map<string, Set<Promise<Duplex>>>();
  #connection: StdioConnection | undefined;

  constructor(dir: string, changed: StdioOptions['onChange']) {
    this.#dir = dir;
    this.#changed = changed;
    this.#path = join(dir, socketName);
  }

  async begin(): Promise<void> {
    this.#connection = await this.#dialOrLaunch();
    this.#keep(this.#connection).catch((error: unknown) => process.emitWarning(String(error)));
  }

  state(): 'connected' | 'lost' {
    return this.#connection === undefined ? 'lost' : 'connected';
  }

  async open(parameters: RunParameters): Promise<FifoPaths> {
    this.#used.add(parameters.container);
    // Whoever asked before is there before anything is written, and need not be before the FIFOs.
    const attached = Promise.allSettled(this.#attaching.get(parameters.container) ?? []);
    const paths = await this.#ask('open', parameters);
    await attached;
    return paths;
  }

  paths(parameters: RunParameters): FifoPaths {
    return fifoPaths(this.#dir, parameters);
  }

  async awaitEnd(container: string, run: number, ms: number): Promise<boolean> {
    return (await this.#ask('await-end', { container, run, ms }, ms + requestMs)).ended;
  }

  async untilEnd(container: string, run: number): Promise<boolean> {
    try {
      const answer = await this.#connection?.request('until-end', { container, run }, EVER_MS);
      return answer?.ended ?? false;
    } catch (error) {
      if (error instanceof ConnectionLost || error instanceof EffectFailure) return false;
      throw error;
    }
  }

  async awaitStdinClosed(container: string, run: number, ms: number): Promise<boolean> {
    const parameters = { container, run, ms };
    return (await this.#ask('await-stdin-closed', parameters, ms + requestMs)).closed;
  }

  async closeStdin(container: string, run: number): Promise<void> {
    await this.#ask('close-stdin', { container, run });
  }

  async close(container: string, run: number): Promise<void> {
    await this.#ask('close', { container, run });
  }

  async abandon(container: string): Promise<void> {
    await this.#ask('abandon', { container });
    this.#used.delete(container);
  }

  isUsed(container: string): boolean {
    return this.#used.has(container);
  }

  async list(): Promise<readonly RunState[]> {
    return (await this.#ask('list', {})).runs;
  }

  ping(): Promise<Hello> {
    return this.#ask('ping', {});
  }

  attach(container: string, wants: AttachWants): Promise<Duplex> {
    this.#used.add(container);
    const attached = this.#attach(container, wants);
    const others = this.#attaching.get(container) ?? new Set();
    this.#attaching.set(container, others.add(attached));
    const done = (): void => {
      others.delete(attached);
      if (others.size === 0) this.#attaching.delete(container);
    };
    attached.then(done, done);
    return attached;
  }

  async #attach(container: string, wants: AttachWants): Promise<Duplex> {
    const { stdin, stdout, stderr } = wants;
    const attached = () => this.#own('attach', { container, stdin, stdout, stderr });
    let connection = await attached();
    return new LastingAttach(connection.socket, {
      again: async (joined) => {
        connection = await this.#anotherThan(connection.hello, attached);
        const runs = (await this.list()).filter((run) => run.container === container);
        const goesOn = runs.some(({ ended, stdinClosed }) => !ended || (stdin && !stdinClosed));
        if (!joined || goesOn) return connection.socket;
        // Its run has ended meanwhile: this one would wait for the next.
        connection.socket.destroy();
        return undefined;
      },
    });
  }

  /** Of a process that is about to go a last answer may still be had. */
  async #anotherThan(
    gone: Hello | undefined,
    attached: () => Promise<StdioConnection>,
  ): Promise<StdioConnection> {
    for (const due = monotonicMs() + requestMs; ; ) {
      const next = await attached();
      if (next.hello === undefined || !isSame(next.hello, gone)) return next;
      next.socket.destroy();
      if (monotonicMs() >= due) throw new EffectFailure('unavailable', 'stdio connection lost');
      await sleep(retryMs.first, this.#over.signal);
    }
  }

  async *watch(container: string, signal?: AbortSignal): AsyncGenerator<'grew' | 'ended'> {
    while (signal?.aborted !== true) {
      const { socket } = await this.#own('watch', { container });
      if (signal !== undefined) addAbortSignal(signal, socket);
      for await (const event of watchEvents(socket)) {
        yield event;
        if (event === 'ended') return;
      }
    }
  }

  async shutdown(): Promise<void> {
    const connection = this.#connection;
    this.disconnect({ keepConnection: true });
    await connection?.request('shutdown', {}, requestMs);
    if (connection !== undefined) await within(connection.closed, requestMs);
  }

  disconnect(options: { readonly keepConnection?: boolean } = {}): void {
    this.#over.abort(new EffectFailure('unavailable', 'the stdio client was let go'));
    if (options.keepConnection !== true) this.#connection?.socket.destroy();
  }

  async #ask<O extends Operation>(
    operation: O,
    parameters: Parameters<O>,
    deadlineMs = requestMs,
  ): Promise<Result<O>> {
    return await this.#untilDeadline(deadlineMs, async (connection, leftMs) => {
      return await connection.request(operation, parameters, leftMs);
    });
  }

  /** A connection for this request alone, after its answer. */
  async #own<O extends Operation>(
    operation: O,
    parameters: Parameters<O>,
  ): Promise<StdioConnection> {
    return await this.#untilDeadline(requestMs, async (_, leftMs) => {
      const connection = await StdioConnection.dial(this.#path, leftMs);
      try {
        await connection.request(operation, parameters, leftMs);
        return connection;
      } catch (error) {
        connection.socket.destroy();
        throw error;
      }
    });
  }

  async #untilDeadline<T>(
    deadlineMs: number,
    attempt: (connection: StdioConnection, leftMs: number) => Promise<T>,
  ): Promise<T> {
    const due = monotonicMs() + deadlineMs;
    for (;;) {
      this.#over.signal.throwIfAborted();
      const left = due - monotonicMs();
      const there = this.#connection !== undefined || (await this.#connections.wait(left));
      const connection = this.#connection;
      if (!there) throw new EffectFailure('unavailable', 'the stdio process does not answer');
      if (connection === undefined) continue;
      try {
        return await attempt(connection, Math.max(due - monotonicMs(), 1));
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        if (monotonicMs() >= due) throw new EffectFailure('unavailable', 'stdio connection lost');
        await sleep(retryMs.first, this.#over.signal);
      }
    }
  }

  /** Has a connection, for as long as this client is not let go. */
  async #keep(first: StdioConnection): Promise<void> {
    let connection = first;
    let wait = retryMs.first;
    for (;;) {
      const since = monotonicMs();
      await connection.closed;
      this.#connection = undefined;
      if (this.#over.signal.aborted) return;
      const pid = connection.hello?.pid ?? 0;
      this.#changed?.({ kind: 'lost', pid, reason: 'its connection was closed' });
      // One that dies young is not started as fast again.
      wait = monotonicMs() - since > 2 * retryMs.most ? retryMs.first : wait * 2;
      const next = await this.#again(Math.min(wait, retryMs.most));
      if (next === undefined) return;
      connection = next;
      this.#connection = next;
      this.#connections.wake();
      const now = next.hello?.pid ?? 0;
      this.#changed?.({ kind: 'connected', pid: now, restarted: now !== pid });
    }
  }

  async #again(firstWait: number): Promise<StdioConnection | undefined> {
    for (let wait = firstWait; ; wait = Math.min(wait * 2, retryMs.most)) {
      try {
        await sleep(wait, this.#over.signal);
        return await this.#dialOrLaunch();
      } catch (error) {
        if (this.#over.signal.aborted) return undefined;
        process.emitWarning(`stdio process: ${String(error)}`);
      }
    }
  }

  async #dialOrLaunch(): Promise<StdioConnection> {
    const due = monotonicMs() + launchMs;
    for (let launched = false; ; ) {
      try {
        const connection = await StdioConnection.dial(this.#path, Math.max(due - monotonicMs(), 1));
        if (launched || (connection.hello?.version ?? 0) >= protocolVersion) return connection;
        await relieve(connection);
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
      }
      if (monotonicMs() > due) {
        throw new EffectFailure('unavailable', `no stdio process serves ${this.#dir}`);
      }
      if (!launched) launchStdio(this.#dir);
      launched = true;
      await sleep(20, this.#over.signal);
    }
  }
}
