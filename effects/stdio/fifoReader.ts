/**
 * Reads one output FIFO without blocking a thread. Opened before any writer it waits; it ends when
 * all writers have closed. All readers share one buffer: nothing is held here, so what was read is
 * what was given on. One buffer is read in a turn of the event loop: libuv by itself would take 32,
 * and a container that writes flat out would hold up all others for a second and more.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { codeOf } from '../system/libc.ts';

const shared = Buffer.allocUnsafeSlow(64 * 1024);
/** More than a FIFO can hold, so that a last look ends though someone writes on. */
const drainBytes = 2 * 1024 * 1024;

export interface FifoListener {
  /** `chunk` is valid during the call only. */
  readonly data: (chunk: Buffer) => void;
  /** No writer is left and all was read; comes once. */
  readonly ended: () => void;
}

export class FifoReader {
  readonly #listener: FifoListener;
  readonly #fd: number;
  readonly #socket: Socket;
  #paused = false;
  #ended = false;

  /** Opens the FIFO; throws what `open` throws. */
  constructor(path: string, listener: FifoListener) {
    this.#listener = listener;
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const callback = (bytes: number): boolean => this.#take(bytes);
      const onread = { buffer: shared, callback };
      this.#socket = new Socket({ fd: this.#fd, readable: true, writable: false, onread });
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
    this.#socket.on('error', () => this.#end());
    this.#socket.on('end', () => this.#end());
    this.#socket.on('close', () => this.#end());
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Nothing more is read until `resume`; the writer is held up once the FIFO is full. */
  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }

  /**
   * Reads at once what is in the FIFO, paused or not. Ends if nobody has it open for writing, be it
   * that no writer has come yet.
   */
  drain(): void {
    for (let total = 0; !this.#ended && total < drainBytes; ) {
      const bytes = this.#readNow();
      if (bytes === undefined) return;
      if (bytes === 0) return this.close();
      total += bytes;
      this.#listener.data(shared.subarray(0, bytes));
    }
  }

  /** Lets go of the FIFO; what is in it stays for the next reader, if a writer keeps it. */
  close(): void {
    if (!this.#socket.destroyed) this.#socket.destroy();
    this.#end();
  }

  /** Gives on what is in the FIFO, and lets go of it for another reader: no end is told. */
  retire(): void {
    for (let total = 0; !this.#ended && total < drainBytes; ) {
      const bytes = this.#readNow() ?? 0;
      if (bytes === 0) break;
      total += bytes;
      this.#listener.data(shared.subarray(0, bytes));
    }
    this.#ended = true;
    this.#socket.destroy();
  }

  #readNow(): number | undefined {
    try {
      return readSync(this.#fd, shared, 0, shared.length, null);
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return undefined;
      return 0;
    }
  }

  #take(bytes: number): boolean {
    if (!this.#ended) this.#listener.data(shared.subarray(0, bytes));
    setImmediate(() => this.#goOn());
    return false;
  }

  #goOn(): void {
    if (this.#paused || this.#ended || this.#socket.destroyed) return;
    this.#socket.resume();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listener.ended();
  }
}
