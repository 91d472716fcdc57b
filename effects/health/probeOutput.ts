/** The beginning of what a probe writes, both streams together; the rest is read and dropped. */
import type { Duplex } from 'node:stream';

/** Bytes; as docker cuts it. */
const MOST_BYTES = 4_096;
const HEADER_BYTES = 8;

export class ProbeOutput {
  /** Resolves when there is nothing more to come. */
  readonly ended: Promise<void>;
  readonly #stream: Duplex;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #cut = false;
  #header = Buffer.alloc(0);
  /** Bytes of the present frame that are still to come. */
  #left = 0;

  /** @param stream frames of stdcopy, as an attachment gives them. */
  constructor(stream: Duplex) {
    this.#stream = stream;
    this.ended = new Promise((resolve) => stream.once('close', resolve).once('end', resolve));
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    // A connection that breaks costs output, and nothing else.
    stream.on('error', () => stream.destroy());
    // It was paused when it was handed over.
    stream.resume();
  }

  /** What was written until now; `...` at its end stands for what was cut. */
  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8') + (this.#cut ? '...' : '');
  }

  close(): void {
    this.#stream.destroy();
  }

  #take(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0; ) {
      rest = this.#left === 0 ? this.#takeHeader(rest) : this.#takePayload(rest);
    }
  }

  /** Stream, three zeros, and the length of what follows. */
  #takeHeader(rest: Buffer): Buffer {
    const missing = HEADER_BYTES - this.#header.length;
    this.#header = Buffer.concat([this.#header, rest.subarray(0, missing)]);
    if (this.#header.length === HEADER_BYTES) {
      this.#left = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
    return rest.subarray(missing);
  }

  #takePayload(rest: Buffer): Buffer {
    const payload = rest.subarray(0, this.#left);
    this.#left -= payload.length;
    const fits = payload.subarray(0, MOST_BYTES - this.#bytes);
    this.#cut ||= fits.length < payload.length;
    this.#bytes += fits.length;
    if (fits.length > 0) this.#chunks.push(Buffer.from(fits));
    return rest.subarray(payload.length);
  }
}
