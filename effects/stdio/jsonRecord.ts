/**
 * One record of a json-file log, byte for byte as Docker writes it: key order log, stream, attrs,
 * time; `<`, `>`, `&`, U+2028 and U+2029 escaped; each byte that is not UTF-8 becomes `\ufffd`.
 */
import type { Bytes, Piece } from './bytes.ts';
import type { OutputName } from './stdcopy.ts';

/** The longest piece of a line that is logged as one record, newline included. */
export const pieceBytes = 16_384;
const begin = Buffer.from('{"log":"');
/** What a byte becomes at most. */
const mostEscaped = 6;
const newline = 0x0a;
const encodings = new Map<number, Buffer>();
for (let byte = 0; byte < 0x20; byte += 1) {
  encodings.set(byte, Buffer.from(`\\u00${byte.toString(16).padStart(2, '0')}`));
}
encodings.set(newline, Buffer.from('\\n'));
encodings.set(0x0d, Buffer.from('\\r'));
for (const sign of '"\\') encodings.set(sign.charCodeAt(0), Buffer.from(`\\${sign}`));
for (const sign of '<>&') {
  encodings.set(sign.charCodeAt(0), Buffer.from(`\\u00${sign.charCodeAt(0).toString(16)}`));
}
const replacement = Buffer.from('\\ufffd');
const lineSeparator = Buffer.from('\\u2028');
const paragraphSeparator = Buffer.from('\\u2029');
/**
 * 0: the byte stands for itself; 1: it has an encoding; 2: it starts or breaks a longer character.
 */
const kinds = new Uint8Array(256);
for (const byte of encodings.keys()) kinds[byte] = 1;
kinds.fill(2, 0x80);

/** No record of such a piece is longer. */
export const mostRecord = ({ from, to }: Piece, tail: Buffer): number =>
  begin.length + mostEscaped * (to - from) + tail.length;

/**
 * Writes a record of at most `pieceBytes` bytes.
 * @param tail what follows the line's text, by `recordTail`.
 * @param target has room for `mostRecord` bytes.
 * @returns where it ends
 */
export function encodeRecord(piece: Piece, tail: Buffer, target: Bytes, at: number): number {
  target.buffer.set(begin, at);
  const end = escapeInto(piece, target, at + begin.length);
  target.buffer.set(tail, end);
  return end + tail.length;
}

/**
 * The end of every record with this stream, these attributes and this time.
 * @param attributes text of the `attrs` member, by `encodeAttributes`.
 * @param time RFC 3339 text.
 */
export function recordTail(stream: OutputName, attributes: string, time: string): Buffer {
  const attrs = attributes === '' ? '' : `,"attrs":${attributes}`;
  return Buffer.from(`","stream":"${stream}"${attrs},"time":"${time}"}\n`);
}

/** @returns where the escaped line ends */
function escapeInto(piece: Piece, target: Bytes, start: number): number {
  const { to } = piece;
  const line = piece.bytes.buffer;
  const copy = target.buffer;
  let at = start;
  for (let i = piece.from; ; ) {
    const words = copyWords(piece.bytes, i, to, target, at);
    i += words;
    at += words;
    for (; i < to && kinds[line[i] ?? 0] === 0; i += 1) {
      copy[at] = line[i] ?? 0;
      at += 1;
    }
    if (i >= to) return at;
    const single = encodings.get(line[i] ?? 0);
    const length = single === undefined ? characterLength(line, i, to) : 1;
    const text = single ?? multibyteEncoding(line, i, length);
    for (const byte of text ?? line.subarray(i, i + length)) {
      copy[at] = byte;
      at += 1;
    }
    i += Math.max(length, 1);
  }
}

/** Stops before four bytes that do not all stand for themselves. @returns how many were copied */
function copyWords(source: Bytes, from: number, to: number, target: Bytes, at: number): number {
  const limit = to - from - 4;
  let bytes = 0;
  for (; bytes <= limit; bytes += 4) {
    const word = source.view.getInt32(from + bytes, true);
    // A byte's highest bit is set by a subtraction where it is less than what is subtracted, and
    // by one of them at least it is kept.
    const controls = word - 0x20202020;
    const backslashes = (word ^ 0x5c5c5c5c) - 0x01010101;
    // Two at once, by the bit in which they differ: " and &, < and >.
    const quotes = ((word | 0x04040404) ^ 0x26262626) - 0x01010101;
    const brackets = ((word | 0x02020202) ^ 0x3e3e3e3e) - 0x01010101;
    if (((controls | backslashes | quotes | brackets) & 0x80808080) !== 0) break;
    target.view.setInt32(at + bytes, word, true);
  }
  return bytes;
}

function multibyteEncoding(line: Buffer, i: number, length: number): Buffer | undefined {
  if (length === 0) return replacement;
  if (length !== 3 || line[i] !== 0xe2 || line[i + 1] !== 0x80) return undefined;
  if (line[i + 2] === 0xa8) return lineSeparator;
  return line[i + 2] === 0xa9 ? paragraphSeparator : undefined;
}

/** Bytes of the UTF-8 character at `i`; 0 if there is no valid one that ends before `to`. */
function characterLength(line: Buffer, i: number, to: number): number {
  const first = line[i] ?? 0;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (i + length > to) return 0;
  const second = line[i + 1] ?? 0;
  if (second < lowestSecond(first) || second > highestSecond(first)) return 0;
  for (let k = 2; k < length; k += 1) {
    if (((line[i + k] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** Overlong forms start below. */
function lowestSecond(first: number): number {
  if (first === 0xe0) return 0xa0;
  return first === 0xf0 ? 0x90 : 0x80;
}

/** Surrogates, and what lies beyond U+10FFFF, start above. */
function highestSecond(first: number): number {
  if (first === 0xed) return 0x9f;
  return first === 0xf4 ? 0x8f : 0xbf;
}

/** The `attrs` member's text: keys sorted, escaped as the rest; `''` when there are none. */
export function encodeAttributes(attributes: Readonly<Record<string, string>>): string {
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return '';
  const text = JSON.stringify(Object.fromEntries(entries));
  return text.replace(/[<>&\u2028\u2029]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
