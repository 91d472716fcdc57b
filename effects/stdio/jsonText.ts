/**
 * The text of a JSON string back to bytes. Nearly all of it stands for itself, and is copied four
 * bytes at a time.
 */
import type { Bytes } from './bytes.ts';

const quote = 0x22;
const backslash = 0x5c;
const letterU = 0x75;
/** By the sign after the backslash; 0: there is none. */
const escapes = new Uint8Array(256);
for (const [sign, text] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  escapes[sign?.charCodeAt(0) ?? 0] = text?.charCodeAt(0) ?? 0;
}
const hexDigits = new Int8Array(256).fill(-1);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  hexDigits[digit.charCodeAt(0)] = value;
  hexDigits[digit.toUpperCase().charCodeAt(0)] = value;
}

export class JsonText {
  /** Where the closing quote stands. */
  end = 0;
  /** Where the copy ends. */
  copied = 0;

  /**
   * @param source valid UTF-8 that ends with a newline.
   * @param from after the opening quote.
   * @param target has room for all that comes in `source`.
   * @returns false for what is no such text, or holds half a surrogate pair: it has to be parsed
   */
  copy(source: Bytes, from: number, target: Bytes, to: number): boolean {
    const { buffer } = source;
    let at = from;
    let out = to;
    for (;;) {
      const words = copyWords(source, at, target, out);
      at += words;
      out += words;
      let byte = buffer[at] ?? 0;
      for (; byte >= 0x20 && byte !== quote && byte !== backslash; byte = buffer[at] ?? 0) {
        target.buffer[out] = byte;
        at += 1;
        out += 1;
      }
      if (byte !== backslash) {
        this.end = at;
        this.copied = out;
        return byte === quote;
      }
      const sign = buffer[at + 1] ?? 0;
      const single = escapes[sign] ?? 0;
      if (single !== 0) {
        target.buffer[out] = single;
        at += 2;
        out += 1;
        continue;
      }
      const end = sign === letterU ? putCharacter(hexAt(buffer, at + 2), target.buffer, out) : out;
      if (end === out) return false;
      at += 6;
      out = end;
    }
  }
}

/** Stops before four bytes that do not all stand for themselves. @returns how many were copied */
function copyWords(source: Bytes, from: number, target: Bytes, to: number): number {
  const limit = source.buffer.length - 4 - from;
  let bytes = 0;
  for (; bytes <= limit; bytes += 4) {
    const word = source.view.getInt32(from + bytes, true);
    // A byte's highest bit is set by the subtraction where it is less than what is subtracted.
    const controls = word - 0x20202020;
    const quotes = (word ^ 0x22222222) - 0x01010101;
    const backslashes = (word ^ 0x5c5c5c5c) - 0x01010101;
    if (((controls | quotes | backslashes) & ~word & 0x80808080) !== 0) break;
    target.view.setInt32(to + bytes, word, true);
  }
  return bytes;
}

/** Of four digits; negative: they are none. */
function hexAt(buffer: Buffer, at: number): number {
  let value = 0;
  for (let n = 0; n < 4; n += 1) value = (value << 4) | (hexDigits[buffer[at + n] ?? 0] ?? -1);
  return value;
}

/** In UTF-8. @returns where it ends; `at` for what is no character, as half a surrogate pair */
function putCharacter(code: number, target: Buffer, at: number): number {
  if (code < 0 || (code >= 0xd800 && code < 0xe000)) return at;
  if (code < 0x80) {
    target[at] = code;
    return at + 1;
  }
  const last = 0x80 | (code & 0x3f);
  if (code < 0x800) {
    target[at] = 0xc0 | (code >> 6);
    target[at + 1] = last;
    return at + 2;
  }
  target[at] = 0xe0 | (code >> 12);
  target[at + 1] = 0x80 | ((code >> 6) & 0x3f);
  target[at + 2] = last;
  return at + 3;
}
