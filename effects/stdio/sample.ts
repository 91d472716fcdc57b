/**
 * Some bytes that are looked for at one place after the other. They are compared eight at a time,
 * as floating-point numbers: so no eight in a row may all be zero, which equals its negative. What
 * is not a number is never found.
 */
import type { Bytes } from './bytes.ts';

const wordBytes = 8;

export class Sample {
  length = 0;
  #words = new Float64Array(16);

  /** @param length eight at least. */
  take({ view }: Bytes, from: number, length: number): void {
    const words = Math.ceil(length / wordBytes);
    if (words > this.#words.length) this.#words = new Float64Array(2 * words);
    this.length = length;
    for (let n = 0; n < words - 1; n += 1)
      this.#words[n] = view.getFloat64(from + n * wordBytes, true);
    // The last ones overlap those before.
    this.#words[words - 1] = view.getFloat64(from + length - wordBytes, true);
  }

  /** False before anything was taken. */
  isAt({ view }: Bytes, from: number): boolean {
    const last = from + this.length - wordBytes;
    if (last < from || last + wordBytes > view.byteLength) return false;
    let n = 0;
    for (let at = from; at < last; at += wordBytes) {
      if (view.getFloat64(at, true) !== this.#words[n]) return false;
      n += 1;
    }
    return view.getFloat64(last, true) === this.#words[n];
  }
}
