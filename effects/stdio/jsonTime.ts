/** Times of a log's records. Most are in UTC and of the same second as the one before. */
import { parseTimestamp } from '../system/timestamp.ts';
import type { Bytes } from './bytes.ts';
import { Sample } from './sample.ts';

const zero = 0x30;
const quote = 0x22;
const letterZ = 0x5a;
/** `2024-01-02T03:04:05.` */
const secondBytes = 20;
const mostDigits = 9;
/** No time that is read is longer. */
const mostBytes = 64;

export class JsonTime {
  /** Where the one found ends. */
  end = 0;
  readonly #second = new Sample();
  #secondNs = 0n;

  /** Nanoseconds since 1970; undefined: there is no time. */
  at(source: Bytes, from: number): bigint | undefined {
    if (!this.#second.isAt(source, from)) return this.#parsed(source, from);
    const { buffer } = source;
    let at = from + secondBytes;
    let fraction = 0;
    let digits = 0;
    for (let digit = digitAt(buffer, at); digit >= 0; digit = digitAt(buffer, at)) {
      fraction = 10 * fraction + digit;
      digits += 1;
      at += 1;
    }
    if (digits === 0 || digits > mostDigits || buffer[at] !== letterZ)
      return this.#parsed(source, from);
    this.end = at + 1;
    for (; digits < mostDigits; digits += 1) fraction *= 10;
    return this.#secondNs + BigInt(fraction);
  }

  #parsed(source: Bytes, from: number): bigint | undefined {
    const { buffer } = source;
    let end = from;
    while (buffer[end] !== quote && end < buffer.length && end - from < mostBytes) end += 1;
    const text = buffer.toString('latin1', from, end);
    const timeNs = parseTimestamp(text);
    if (timeNs === undefined) return undefined;
    this.end = end;
    if (text[secondBytes - 1] === '.') {
      this.#second.take(source, from, secondBytes);
      this.#secondNs = parseTimestamp(`${text.slice(0, secondBytes - 1)}Z`) ?? 0n;
    }
    return timeNs;
  }
}

/** Negative: there is none. */
function digitAt(buffer: Buffer, at: number): number {
  const digit = (buffer[at] ?? 0) - zero;
  return digit <= 9 ? digit : -1;
}
