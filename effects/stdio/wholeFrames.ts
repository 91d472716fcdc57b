/**
 * Lets stdcopy frames pass only when they are whole: a stream that breaks off ends between two.
 * Empty frames are the stdio process's own words and stay here: on stdout, that the client has been
 * joined to a run; on stderr, that nothing comes any more.
 */
import { stdcopyStreams } from './stdcopy.ts';

const headerBytes = 8;
const lengthAt = 4;

export class WholeFrames {
  /** A frame has come. */
  joined = false;
  /** The end has come, as a word; a stream that ends without it was broken off. */
  over = false;
  #rest: Buffer = Buffer.alloc(0);

  /** @returns frames that are whole by now, as they came */
  push(chunk: Buffer): readonly Buffer[] {
    const all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    let start = 0;
    while (all.length - start >= headerBytes) {
      const length = all.readUInt32BE(start + lengthAt);
      const next = start + headerBytes + length;
      if (next > all.length) break;
      if (length > 0) frames.push(all.subarray(start, next));
      if (length === 0 && all[start] === stdcopyStreams.stderr) this.over = true;
      else this.joined = true;
      start = next;
    }
    this.#rest = all.subarray(start);
    return frames;
  }

  /** Forgets the frame that was begun. */
  drop(): void {
    this.#rest = Buffer.alloc(0);
  }
}
