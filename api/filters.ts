/**
 * The `filters` parameter: a JSON object in one of two shapes, `{"key":{"value":true}}` and
 * `{"key":["value"]}`. Values of one key are alternatives, but for `label`, where all must hold.
 */
import type { JsonValue } from '../machines/words.ts';
import { apiError } from './errors.ts';
import { instant } from './instants.ts';

export class Filters {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  has(key: string): boolean {
    return this.get(key).length > 0;
  }

  get(key: string): readonly string[] {
    return this.#values.get(key) ?? [];
  }

  keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** Whether no value is given for the key, or one of them fits. */
  any(key: string, fits: (value: string) => boolean): boolean {
    return !this.has(key) || this.get(key).some(fits);
  }

  /** Whether every `k` or `k=v` of the key holds for the labels. */
  labels(key: string, labels: Readonly<Record<string, string>>): boolean {
    return this.get(key).every((wanted) => hasLabel(wanted, labels));
  }

  /** Whether no `k` or `k=v` of the key holds for the labels. */
  withoutLabels(key: string, labels: Readonly<Record<string, string>>): boolean {
    return !this.get(key).some((unwanted) => hasLabel(unwanted, labels));
  }
}

/**
 * The instant that `until` names: what was made before it is meant.
 * @throws ApiError 400 for several, and for what is no instant.
 */
export function until(given: Filters, nowNs: bigint): bigint | undefined {
  const [value, ...more] = given.get('until');
  if (value === undefined) return undefined;
  const message = 'more than one until filter specified';
  if (more.length > 0) throw apiError('bad-parameter', { message });
  const ns = instant(value, nowNs);
  if (ns !== undefined) return ns;
  const text = `failed to parse value as time or duration: ${JSON.stringify(value)}`;
  throw apiError('bad-parameter', { message: text });
}

function hasLabel(wanted: string, labels: Readonly<Record<string, string>>): boolean {
  const at = wanted.indexOf('=');
  const name = at < 0 ? wanted : wanted.slice(0, at);
  return Object.hasOwn(labels, name) && (at < 0 || labels[name] === wanted.slice(at + 1));
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valuesOf(value: JsonValue): readonly string[] {
  if (Array.isArray(value)) {
    if (value.every((item): item is string => typeof item === 'string')) return value;
  } else if (isObject(value)) {
    return Object.keys(value).filter((key) => value[key] !== false);
  }
  throw apiError('invalid-filter', {});
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw apiError('invalid-filter', {});
    throw error;
  }
}

/**
 * @param known keys that are understood; undefined: unknown ones are ignored (as `/events` does).
 * @throws ApiError for broken JSON and for an unknown key.
 */
export function filters(query: URLSearchParams, known?: readonly string[]): Filters {
  const text = query.get('filters') ?? '';
  if (text === '') return new Filters(new Map());
  const value = parsed(text);
  if (!isObject(value)) throw apiError('invalid-filter', {});
  const values = new Map(Object.entries(value).map(([key, given]) => [key, valuesOf(given)]));
  for (const key of values.keys())
    if (known !== undefined && !known.includes(key)) throw apiError('invalid-filter', { key });
  return new Filters(values);
}

/**
 * A test for name-like values: exact, else as a regular expression that fits anywhere.
 * @throws ApiError if it is none, or if one group repeats another repetition: such a pattern can
 * take for ever here, while Go's engine cannot be caught by it.
 */
export function pattern(key: string, value: string): (text: string) => boolean {
  const refuse = (reason: string) => apiError('invalid-filter-value', { key, value, reason });
  if (/[*+}?]\)[*+{]/.test(value)) throw refuse('nested repetition');
  try {
    const expression = new RegExp(value);
    return (text) => text === value || expression.test(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse('not a regular expression');
    throw error;
  }
}

/** The single truth value of a key such as `dangling`; undefined if it is not given. */
export function truth(given: Filters, key: string): boolean | undefined {
  const values = given.get(key);
  const [value] = values;
  if (value === undefined) return undefined;
  if (values.length === 1 && ['1', 'true', 'True'].includes(value)) return true;
  if (values.length === 1 && ['0', 'false', 'False'].includes(value)) return false;
  throw apiError('invalid-filter-value', { key, value: `[${values.join(' ')}]` });
}
