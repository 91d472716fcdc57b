/** Bytes asked for by number, out of chunks that come as they please. Holds one chunk at most. */
import { TarError } from './tarError.ts';

export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Some bytes, `most` at the most; undefined at the end. */
  async some(most: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return undefined;
      this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
    }
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  /** Exactly so many, undefined if the end is right here. @throws TarError if it is in between */
  async exactly(count: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    for (let left = count; left > 0; ) {
      const piece = await this.some(left);
      if (piece === undefined) {
        if (pieces.length === 0) return undefined;
        throw new TarError('unexpected EOF');
      }
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  /** @throws TarError when the end comes first */
  async skip(count: number): Promise<void> {
    for (let left = count; left > 0; ) {
      const piece = await this.some(left);
      if (piece === undefined) throw new TarError('unexpected EOF');
      left -= piece.length;
    }
  }

  /** Reads to the end, so that whoever sends is not left standing. */
  async drain(): Promise<void> {
    while ((await this.some(1024 * 1024)) !== undefined);
  }
}
