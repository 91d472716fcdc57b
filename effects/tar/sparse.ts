/** Where the content of a sparse file lies: GNU's headers of its own, and its forms within pax. */
import { BLOCK } from './entry.ts';
import { fieldNumber } from './fields.ts';
import type { Records } from './pax.ts';
import type { ByteSource } from './source.ts';
import { TarError } from './tarError.ts';

export interface Extent {
  readonly offset: number;
  readonly length: number;
}

const EXTENTS_MAX = 1_000_000;
const PAIR = 24;
const bad = (): TarError => new TarError('archive/tar: invalid tar header');

function pairsIn(block: Buffer, at: number, count: number): Extent[] {
  const places = Array.from({ length: count }, (_, index) => at + index * PAIR);
  // What is left empty is no pair.
  return places
    .filter((place) => block[place] !== 0)
    .map((place) => ({
      offset: fieldNumber(block, place, 12),
      length: fieldNumber(block, place + 12, 12),
    }));
}

/** In order, without overlaps, nothing beyond. */
function checked(extents: readonly Extent[]): readonly Extent[] {
  let end = 0;
  for (const { offset, length } of extents) {
    if (!(offset >= end) || !(length >= 0)) throw bad();
    end = offset + length;
  }
  return extents;
}

/** The old form: four pairs in the header, more in blocks after it. */
export async function gnuExtents(
  source: ByteSource,
  header: Buffer,
): Promise<{ readonly extents: readonly Extent[]; readonly realSize: number }> {
  const extents = pairsIn(header, 386, 4);
  let more = header[482] !== 0;
  while (more) {
    const block = await source.exactly(BLOCK);
    if (block === undefined) throw new TarError('unexpected EOF');
    extents.push(...pairsIn(block, 0, 21));
    more = block[504] !== 0;
    if (extents.length > EXTENTS_MAX) throw bad();
  }
  return { extents: checked(extents), realSize: fieldNumber(header, 483, 12) };
}

/** The form 0.1: `offset,length,offset,length`. Undefined: the file is not sparse. */
export function recordedExtents(records: Records): readonly Extent[] | undefined {
  const map = records.get('GNU.sparse.map');
  if (map === undefined) return undefined;
  const numbers = map.toString('latin1').split(',').map(Number);
  return checked(pairs(numbers));
}

/** The form 1.0: before the content, lines of decimal numbers, filled up to a whole block. */
export async function mappedExtents(
  source: ByteSource,
): Promise<{ readonly extents: readonly Extent[]; readonly headerBytes: number }> {
  const numbers: number[] = [];
  let text = '';
  for (let headerBytes = BLOCK; ; headerBytes += BLOCK) {
    const block = await source.exactly(BLOCK);
    if (block === undefined) throw new TarError('unexpected EOF');
    text += block.toString('latin1');
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) numbers.push(/^\d{1,15}$/.test(line) ? Number(line) : Number.NaN);
    const count = numbers[0] ?? 0;
    if (!(count <= EXTENTS_MAX)) throw bad();
    if (numbers.length > 2 * count) {
      return { extents: checked(pairs(numbers.slice(1, 1 + 2 * count))), headerBytes };
    }
  }
}

function pairs(numbers: readonly number[]): Extent[] {
  if (numbers.length % 2 !== 0 || !numbers.every(Number.isSafeInteger)) throw bad();
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({
    offset: numbers[2 * index] ?? 0,
    length: numbers[2 * index + 1] ?? 0,
  }));
}
