/**
 * Typed views of the HostConfig fields that only the index knows. A field of another shape reads as
 * absent: what may be stored is checked where create is accepted, not here.
 */
import type { HostConfig } from '../../machines/container.config.ts';
import type { JsonObject, JsonValue } from '../../machines/words.ts';

export function textList(hostConfig: HostConfig, field: string): readonly string[] {
  const value = hostConfig[field];
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is string => typeof item === 'string');
}

export function textMap(hostConfig: HostConfig, field: string): Readonly<Record<string, string>> {
  const value = hostConfig[field];
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

export function wholeNumber(hostConfig: HostConfig, field: string): number | undefined {
  const value = hostConfig[field];
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

export function isTrue(hostConfig: HostConfig, field: string): boolean {
  return hostConfig[field] === true;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
