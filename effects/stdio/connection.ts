/**
 * The daemon's end of one connection to the stdio process: hello, then requests, each with its own
 * deadline. `attach` and `watch` take a connection for themselves.
 */
import { connect, type Socket } from 'node:net';
import { EffectFailure } from '../failure.ts';
import { after, type Cancel } from '../system/clock.ts';
import { encodeMessage, MessageReader } from './framing.ts';
import * as shape from './messageShape.ts';
import {
  type Hello,
  type Operation,
  oldestVersion,
  type Parameters,
  protocolName,
  protocolVersion,
  type Result,
} from './protocol.ts';

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly cancel: Cancel;
  /** What follows its answer is no message. */
  readonly last: boolean;
}

/** The connection broke before the answer came: whether it was done, nobody knows; ask again. */
export class ConnectionLost extends Error {}

export class StdioConnection {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  hello: Hello | undefined;
  readonly #reader = new MessageReader();
  readonly #pending = new Map<number, Pending>();
  readonly #greeting: PromiseWithResolvers<Hello> = Promise.withResolvers();
  #next = 1;
  #released = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#lost();
        resolve();
      });
    });
    socket.on('data', this.#received);
    socket.on('end', this.#ended);
    // The error itself says no more than the close that follows it.
    socket.on('error', () => socket.destroy());
  }

  /**
   * Connects and greets. Rejects with `ConnectionLost` while nobody listens, and with
   * `EffectFailure` of kind `failed` when the process speaks a version that is not understood.
   */
  static async dial(path: string, deadlineMs: number): Promise<StdioConnection> {
    const socket = connect({ path, allowHalfOpen: true });
    const connection = new StdioConnection(socket);
    const cancel = after(deadlineMs, () => socket.destroy());
    try {
      socket.write(encodeMessage({ protocol: protocolName, version: protocolVersion }));
      const hello = await connection.#greeting.promise;
      if (hello.protocol !== protocolName || hello.version < oldestVersion) {
        socket.destroy();
        const version = `${hello.protocol} version ${hello.version}`;
        throw new EffectFailure('failed', `the stdio process speaks ${version}`);
      }
      return connection;
    } finally {
      cancel();
    }
  }

  /**
   * Rejects with `ConnectionLost`, or with `EffectFailure`: `deadline`, or `failed` as answered.
   */
  request<O extends Operation>(
    operation: O,
    parameters: Parameters<O>,
    deadlineMs: number,
  ): Promise<Result<O>> {
    const id = this.#next;
    this.#next += 1;
    const answer = new Promise<unknown>((resolve, reject) => {
      if (this.socket.destroyed) return reject(new ConnectionLost());
      const cancel = after(deadlineMs, () => {
        this.#pending.delete(id);
        reject(new EffectFailure('deadline', `stdio: ${operation} took over ${deadlineMs} ms`));
      });
      const last = operation === 'attach' || operation === 'watch';
      this.#pending.set(id, { resolve, reject, cancel, last });
      this.socket.write(encodeMessage({ id, operation, parameters }));
    });
    return answer as Promise<Result<O>>;
  }

  readonly #ended = (): void => {
    this.socket.destroy();
  };

  readonly #received = (chunk: Buffer): void => {
    this.#reader.push(chunk);
    try {
      while (!this.#released) {
        const message = this.#reader.next();
        if (message === undefined) return;
        this.#message(message);
      }
    } catch {
      // Neither side knows any more where a message starts; the close tells those who wait.
      this.socket.destroy();
    }
  };

  #message(message: unknown): void {
    if (this.hello !== undefined) return this.#answered(shape.asFields(message));
    this.hello = shape.hello(message);
    this.#greeting.resolve(this.hello);
  }

  #answered(answer: shape.Fields): void {
    const id = shape.number(answer, 'id');
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.cancel();
    if (answer['error'] !== undefined) {
      pending?.reject(new EffectFailure('failed', shape.text(answer, 'error')));
      return;
    }
    if (pending?.last === true) this.#release();
    pending?.resolve(answer['result']);
  }

  /** Leaves the socket to whoever asked, paused, with what was read of it after the answer. */
  #release(): void {
    this.#released = true;
    this.socket.pause();
    this.socket.off('data', this.#received);
    this.socket.off('end', this.#ended);
    const rest = this.#reader.rest();
    if (rest.length > 0) this.socket.unshift(rest);
  }

  #lost(): void {
    this.#greeting.reject(new ConnectionLost());
    // Nobody may be waiting for the greeting any more; then its failure is nobody's.
    this.#greeting.promise.catch(() => undefined);
    for (const { reject, cancel } of this.#pending.values()) {
      cancel();
      reject(new ConnectionLost());
    }
    this.#pending.clear();
  }
}
