/** Valid things made wrong by chance. */
import type { Random } from '../sim/random.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [k: string]: Json };

const NASTY: readonly Json[] = [
  ...[null, true, false, 0, -1, 1.5, 2 ** 53, -(2 ** 63), 1e308, '', ' ', '-1', '0x10', 'true'],
  ...['\0', '../../etc/passwd', '/', '\ud800', 'é'.repeat(300), 'a'.repeat(70_000), '%s%n', '{}'],
  ...[[], {}, [null], [[]], [{}], { '': '' }, { a: null }, [''], ['', null, 1]],
];

const deep = (depth: number): Json => (depth === 0 ? [] : [deep(depth - 1)]);

export function nasty(random: Random): Json {
  return random.chance(0.03) ? deep(2_000) : random.pick(NASTY);
}

/** Some leaf or branch of it replaced, taken away, or given to another name. */
export function mutated(random: Random, value: Json): Json {
  if (value === null || typeof value !== 'object' || random.chance(0.15)) return nasty(random);
  if (Array.isArray(value)) {
    const at = random.below(value.length + 1);
    return [...value.slice(0, at), mutated(random, value[at] ?? null), ...value.slice(at + 1)];
  }
  const entries = Object.entries(value);
  const at = random.below(entries.length);
  return Object.fromEntries(
    entries.flatMap(([key, one], index): (readonly [string, Json])[] => {
      if (index !== at) return [[key, one]];
      if (random.chance(0.1)) return [];
      return [[random.chance(0.05) ? key.toLowerCase() : key, mutated(random, one)]];
    }),
  );
}

/** Text of JSON, at times no JSON any more. */
export function jsonText(random: Random, value: Json): string {
  const text = JSON.stringify(value);
  if (random.chance(0.8)) return text;
  const at = random.below(text.length + 1);
  const junk = random.pick(['', '}', '"', '\0', '{"a":1}', ',', '[[[[', '1e999', '\ufeff', 'NaN']);
  return random.chance(0.5) ? text.slice(0, at) + junk : text.slice(0, at) + junk + text.slice(at);
}

/** Bits turned over, pieces cut out, doubled, or put in; or all of it is chance. */
export function damaged(random: Random, bytes: Buffer): Buffer {
  let now: Buffer = Buffer.from(bytes);
  for (let times = 1 + random.below(4); times > 0; times -= 1) now = damagedOnce(random, now);
  return now;
}

function damagedOnce(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const to = Math.min(at + random.below(600), bytes.length);
  switch (random.below(5)) {
    case 0: {
      const turned = Buffer.from(bytes);
      if (at < turned.length) turned[at] = (turned[at] ?? 0) ^ (1 << random.below(8));
      return turned;
    }
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), noise(random, 600), bytes.subarray(at)]);
  }
}

export function noise(random: Random, most: number): Buffer {
  return Buffer.from(Array.from({ length: random.below(most) }, () => random.below(256)));
}
