/** The fields of a header: texts that a zero byte ends, numbers in octal digits or in binary. */
import { TarError } from './tarError.ts';

export function fieldText(block: Buffer, at: number, width: number): string {
  const text = block.toString('latin1', at, at + width);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** @throws TarError */
export function fieldNumber(block: Buffer, at: number, width: number): number {
  const first = block[at] ?? 0;
  if ((first & 0x80) !== 0) return binary(block.subarray(at, at + width));
  const digits = fieldText(block, at, width).trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw new TarError('archive/tar: invalid tar header');
  return Number.parseInt(digits, 8);
}

/** Two's complement, big end first; the first bit only marks the form. */
function binary(bytes: Buffer): number {
  const negative = ((bytes[0] ?? 0) & 0x40) !== 0;
  let value = 0n;
  for (const [index, byte] of bytes.entries()) {
    value = value * 256n + BigInt(index === 0 ? byte & 0x7f : byte);
  }
  const signed = negative ? value - (1n << BigInt(8 * bytes.length - 1)) : value;
  const number = Number(signed);
  if (!Number.isSafeInteger(number)) throw new TarError('archive/tar: invalid tar header');
  return number;
}
