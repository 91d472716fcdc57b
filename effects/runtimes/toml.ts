/** An object of JSON as TOML, the form in which shims read their options. */
import type { JsonObject, JsonValue } from '../../machines/words.ts';

/** What is null is left out: TOML has no word for it. */
export function toToml(given: JsonObject): string {
  return table(given, []);
}

function isTable(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTables(value: JsonValue): value is readonly JsonObject[] {
  return Array.isArray(value) && value.length > 0 && value.every(isTable);
}

/** Its own values come before its tables, which TOML wants. */
function table(given: JsonObject, path: readonly string[]): string {
  const entries = Object.entries(given).filter(([, value]) => value !== null);
  const plain = entries.filter(([, value]) => !isTable(value) && !isTables(value));
  const lines = plain.map(([name, value]) => `${key(name)} = ${inline(value)}\n`);
  const below = entries.map(([name, value]) => {
    const inside = [...path, name];
    const head = inside.map(key).join('.');
    if (isTable(value)) return `\n[${head}]\n${table(value, inside)}`;
    if (!isTables(value)) return '';
    return value.map((item) => `\n[[${head}]]\n${table(item, inside)}`).join('');
  });
  return [...lines, ...below].join('');
}

const key = (name: string): string => (/^[\w-]+$/.test(name) ? name : text(name));

function inline(value: JsonValue): string {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) {
    return `[${value
      .filter((item) => item !== null)
      .map(inline)
      .join(', ')}]`;
  }
  if (isTable(value)) {
    const pairs = Object.entries(value).filter(([, item]) => item !== null);
    return `{${pairs.map(([name, item]) => `${key(name)} = ${inline(item)}`).join(', ')}}`;
  }
  return String(value);
}

/** JSON's escapes are TOML's, but for DEL. */
const text = (value: string): string => JSON.stringify(value).replaceAll('\x7f', '\\u007F');
