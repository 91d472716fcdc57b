/** Typed views of an image's own configuration, which is as its maker wrote it. */
import type { JsonObject, JsonValue } from '../../machines/words.ts';

export function object(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function texts(value: JsonValue | undefined): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is string => typeof item === 'string');
}

export function textMap(value: JsonValue | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(object(value));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

export const text = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? value : '';
