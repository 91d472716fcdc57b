/**
 * An attached client's stream that outlives the stdio process: when that is killed, the next one is
 * attached to, and both directions go on. A frame is never cut in two. Of the input, what the
 * kernel had taken for the killed process is lost, if that had not passed it on; what it did not
 * take is sent to the next, and so is the end. Nothing is sent twice.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { WholeFrames } from './wholeFrames.ts';

export interface AttachSource {
  /**
   * Attached to what goes on where the broken connection was; undefined if there is nothing to go
   * on with. Rejects when nobody can be reached.
   * @param joined whether the client was in a run, which may have ended meanwhile
   */
  again(joined: boolean): Promise<Socket | undefined>;
}

export class LastingAttach extends Duplex {
  readonly #source: AttachSource;
  readonly #frames = new WholeFrames();
  #socket: Socket;
  #inputOver = false;
  /** Is written when there is a connection again. */
  #held: { readonly chunk: Buffer; readonly done: () => void } | undefined;

  constructor(socket: Socket, source: AttachSource) {
    super({ allowHalfOpen: true });
    this.#source = source;
    this.#socket = socket;
    this.#join(socket);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    const socket = this.#socket;
    if (socket.destroyed) {
      this.#held = { chunk, done };
      return;
    }
    let atOnce = true;
    socket.write(chunk, (error) => {
      // Refused as a whole; else the beginning may have been taken.
      if (error && atOnce && !this.destroyed) this.#held = { chunk, done };
      else done();
    });
    atOnce = socket.writableLength === 0;
  }

  override _final(done: () => void): void {
    this.#inputOver = true;
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #join(socket: Socket): void {
    this.#socket = socket;
    // Lost while it was waited for: its close was told to nobody here.
    if (socket.destroyed) return void this.#lost();
    socket.on('data', (chunk: Buffer) => {
      const room = this.#frames.push(chunk).map((frame) => this.push(frame));
      if (room.includes(false)) socket.pause();
    });
    // The end of its writing side is what it says before it goes; the close says that it is gone.
    socket.on('end', () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => void this.#lost());
    if (this.#inputOver) socket.end();
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this._write(held.chunk, 'binary', held.done);
    socket.resume();
  }

  async #lost(): Promise<void> {
    this.#frames.drop();
    if (this.#frames.over) return this.#ended();
    try {
      const next = this.destroyed ? undefined : await this.#source.again(this.#frames.joined);
      if (next !== undefined && !this.destroyed) return this.#join(next);
      next?.destroy();
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#ended();
  }

  #ended(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.done();
    // Nobody reads what is written from now on, and nobody has to wait for it.
    this.push(null);
    this.end();
  }
}
