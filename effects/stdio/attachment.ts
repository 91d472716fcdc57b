/**
 * One attached client. It waits for a run, is joined to it, and ends with it. What it sends before
 * there is a run is kept, up to a bound; what it does not read in time is kept, too, and beyond a
 * bound holds up the container.
 */
import type { Socket } from 'node:net';
import { descriptorOf } from '../system/peer.ts';
import { isHungUp } from '../system/poll.ts';
import { closeWhenGone } from '../system/vanished.ts';
import type { AttachWants } from './protocol.ts';
import { type OutputName, stdcopyHeader } from './stdcopy.ts';

/** Bytes kept for a client that reads slowly. */
const maxUnreadBytes = 1_000_000;
/** Bytes of stdin kept while there is no run. */
const maxEarlyBytes = 64 * 1024;

/** The run, as an attachment sees it. */
export interface AttachTarget {
  /** False: keep the rest until `inputDrained` is called. */
  input(chunk: Buffer): boolean;
  inputEnded(): void;
  /** A client reads again. */
  outputDrained(): void;
  left(attachment: Attachment): void;
}

export class Attachment {
  readonly wants: AttachWants;
  readonly #socket: Socket;
  readonly #gone: () => void;
  #target: AttachTarget | undefined;
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #inputOver = false;
  #finished = false;

  /** @param gone called once, when the client is no more; it may be in no run. */
  constructor(socket: Socket, wants: AttachWants, gone: () => void) {
    this.#socket = socket;
    this.wants = wants;
    this.#gone = gone;
    closeWhenGone(socket);
    socket.on('data', (chunk: Buffer) => this.#input(chunk));
    socket.on('end', () => this.#inputEnded());
    socket.on('drain', () => this.#target?.outputDrained());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#left());
    socket.resume();
  }

  /** Joins the run; false if the client has gone meanwhile. */
  join(target: AttachTarget): boolean {
    const fd = descriptorOf(this.#socket);
    if (fd === undefined || isHungUp(fd)) {
      this.#socket.destroy();
      return false;
    }
    this.#target = target;
    // An empty frame: a client whose process dies has to know whether it still waits for a run.
    this.#socket.write(stdcopyHeader('stdout', 0));
    const early = this.#early;
    this.#early = [];
    let room = true;
    for (const chunk of early) room = target.input(chunk) && room;
    if (room) this.#socket.resume();
    else this.#socket.pause();
    if (this.#inputOver && this.wants.stdin) target.inputEnded();
    return true;
  }

  /** More is kept for this client than for one that keeps up. */
  get full(): boolean {
    return !this.#socket.destroyed && this.#socket.writableLength > maxUnreadBytes;
  }

  /** @param chunk not changed by anybody afterwards. */
  deliver(stream: OutputName, chunk: Buffer): void {
    if (this.#finished || !this.wants[stream]) return;
    this.#socket.cork();
    this.#socket.write(stdcopyHeader(stream, chunk.length));
    this.#socket.write(chunk);
    this.#socket.uncork();
  }

  inputDrained(): void {
    this.#socket.resume();
  }

  /**
   * Ends the client's readable side once it has read everything. It is in no run any more, and the
   * empty frame tells it that this is the end, not that of the process.
   */
  finish(): void {
    if (!this.#finished) this.#socket.write(stdcopyHeader('stderr', 0));
    this.leave();
  }

  /** Ends the client's readable side; another process goes on where this one stops. */
  leave(): void {
    this.#finished = true;
    this.#target = undefined;
    this.#early = [];
    this.#socket.end();
    // What it still sends is for nobody; unread it would turn our end into an error.
    this.#socket.resume();
  }

  #input(chunk: Buffer): void {
    if (!this.wants.stdin || this.#finished) return;
    if (this.#target !== undefined) {
      if (!this.#target.input(chunk)) this.#socket.pause();
      return;
    }
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes >= maxEarlyBytes) this.#socket.pause();
  }

  #inputEnded(): void {
    if (this.#inputOver || this.#finished) return;
    this.#inputOver = true;
    if (this.wants.stdin) this.#target?.inputEnded();
  }

  #left(): void {
    const target = this.#target;
    this.#target = undefined;
    if (target !== undefined) {
      if (!this.#inputOver && this.wants.stdin) target.inputEnded();
      target.left(this);
    }
    this.#gone();
  }
}
