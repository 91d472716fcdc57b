/** Query parameters as Engine clients send them. Unknown ones are ignored by never being read. */
import { apiError } from './errors.ts';

const FALSE_WORDS = new Set(['', '0', 'no', 'false', 'none']);

/** Everything but the words for no is yes; `absent` is the answer for a missing key. */
export function flag(query: URLSearchParams, name: string, absent = false): boolean {
  const value = query.get(name);
  return value === null ? absent : !FALSE_WORDS.has(value.trim().toLowerCase());
}

/**
 * A whole number, or undefined if there is none. @throws ApiError with `message` if it is not one.
 */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
  message: (value: string) => string,
): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  const number = Number(value);
  if (!/^[+-]?\d+$/.test(value) || !Number.isSafeInteger(number))
    throw apiError('bad-parameter', { message: message(value) });
  return number;
}

/** An unsigned 32 bit number that must be there. */
export function uint32(query: URLSearchParams, name: string, label: string): number {
  const value = query.get(name) ?? '';
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > 0xffff_ffff)
    throw apiError('bad-parameter', { message: `invalid ${label} "${value}": not a uint32` });
  return number;
}
