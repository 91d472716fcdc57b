/**
 * One record of a json-file log, byte for byte as Docker writes it: key order log, stream, attrs,
 * time; `<`, `>`, `&`, U+2028 and U+2029 escaped; each byte that is not UTF-8 becomes `\ufffd`.
 */
import type { OutputName } from './stdcopy.ts';

/** The longest piece of a line that is logged as one record, newline included. */
export const pieceBytes = 16_384;
/** Every byte may become six; the rest is for the other members' own text. */
const scratch = Buffer.allocUnsafeSlow(6 * pieceBytes + 128);
/** All records begin alike, so it is written once. */
const textStart = scratch.write('{"log":"', 'latin1');
const newline = 0x0a;
const backslash = 0x5c;
const letterN = 0x6e;
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

/**
 * @param line at most `pieceBytes` bytes, as the container wrote them.
 * @param tail what follows the line's text, by `recordTail`.
 * @returns the record; valid until the next call.
 */
export function encodeRecord(line: Buffer, tail: Buffer): Buffer {
  const at = escapeInto(line, textStart);
  if (tail.length > scratch.length - at) return Buffer.concat([scratch.subarray(0, at), tail]);
  scratch.set(tail, at);
  return scratch.subarray(0, at + tail.length);
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

/** Writes the escaped line into the scratch space from `start` on; returns where it ends. */
function escapeInto(line: Buffer, start: number): number {
  const plain = plainBytes(line);
  if (plain < line.length - 1) return escapeAll(line, start);
  // Nearly all lines: nothing in them has to be written otherwise but their end.
  scratch.set(line, start);
  const end = start + plain;
  if (plain === line.length) return end;
  if (line[plain] !== newline) return escapeAll(line, start);
  scratch[end] = backslash;
  scratch[end + 1] = letterN;
  return end + 2;
}

/** How many bytes at the beginning stand for themselves. */
function plainBytes(line: Buffer): number {
  let at = 0;
  while (at < line.length && kinds[line[at] ?? 0] === 0) at += 1;
  return at;
}

function escapeAll(line: Buffer, start: number): number {
  let at = start;
  let plainFrom = 0;
  for (let i = 0; i < line.length; ) {
    const byte = line[i] ?? 0;
    const kind = kinds[byte];
    if (kind === 0) {
      i += 1;
      continue;
    }
    const length = kind === 1 ? 1 : characterLength(line, i);
    const text = kind === 1 ? encodings.get(byte) : multibyteEncoding(line, i, length);
    if (text === undefined) {
      i += length;
      continue;
    }
    at += line.copy(scratch, at, plainFrom, i);
    at += text.copy(scratch, at);
    i += Math.max(length, 1);
    plainFrom = i;
  }
  return at + line.copy(scratch, at, plainFrom, line.length);
}

function multibyteEncoding(line: Buffer, i: number, length: number): Buffer | undefined {
  if (length === 0) return replacement;
  if (length !== 3 || line[i] !== 0xe2 || line[i + 1] !== 0x80) return undefined;
  if (line[i + 2] === 0xa8) return lineSeparator;
  return line[i + 2] === 0xa9 ? paragraphSeparator : undefined;
}

/** Bytes of the UTF-8 character at `i`; 0 if there is no valid one. */
function characterLength(line: Buffer, i: number): number {
  const first = line[i] ?? 0;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
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
