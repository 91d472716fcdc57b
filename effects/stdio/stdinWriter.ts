/**
 * Writes a container's stdin FIFO, from before the shim has opened it. A FIFO forgets its content
 * when nobody has it open, so it is held open for reading, too, until the run is closed: what was
 * sent and ended before the start is still there for the shim. Nothing is read from it here.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

export class StdinWriter {
  readonly #holder: number;
  readonly #socket: Socket;
  #released = false;

  /** @param drained room for more, after `write` said false. @param closed comes once. */
  constructor(path: string, listener: { drained: () => void; closed: () => void }) {
    this.#holder = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    let fd = -1;
    try {
      fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      this.#socket = new Socket({ fd, readable: false, writable: true });
    } catch (error) {
      if (fd !== -1) closeSync(fd);
      closeSync(this.#holder);
      throw error;
    }
    this.#socket.on('drain', listener.drained);
    // `end` leaves the descriptor open: only the close lets the container see the end.
    this.#socket.on('finish', () => this.#socket.destroy());
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', listener.closed);
  }

  /** False when the container does not keep up; wait for `drained`. */
  write(chunk: Buffer): boolean {
    if (this.#socket.destroyed || this.#socket.writableEnded) return true;
    return this.#socket.write(chunk);
  }

  /** Closes when all that was written has gone into the FIFO. */
  end(): void {
    this.#socket.end();
  }

  /** Closes now, and lets go of what nobody has read. */
  close(): void {
    this.#socket.destroy();
    if (this.#released) return;
    this.#released = true;
    closeSync(this.#holder);
  }
}
