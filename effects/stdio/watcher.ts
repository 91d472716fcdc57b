/** A connection that is told when a container's log has grown. It reads the file itself. */
import type { Socket } from 'node:net';
import { encodeMessage } from './framing.ts';
import type { WatchEvent } from './protocol.ts';

const grew: WatchEvent = { event: 'grew' };
const ended: WatchEvent = { event: 'ended' };

export class Watcher {
  readonly #socket: Socket;
  #missed = false;

  constructor(socket: Socket, gone: () => void) {
    this.#socket = socket;
    socket.on('drain', () => this.#drained());
    // It has nothing to say: whatever ends its side ends it.
    socket.on('end', () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', gone);
    socket.resume();
  }

  /** One notice stands for all that come before it is read. */
  grew(): void {
    if (this.#socket.writableLength > 0) this.#missed = true;
    else this.#socket.write(encodeMessage(grew));
  }

  ended(): void {
    this.#socket.end(encodeMessage(ended));
  }

  #drained(): void {
    if (!this.#missed || this.#socket.writableEnded) return;
    this.#missed = false;
    this.#socket.write(encodeMessage(grew));
  }
}
