/** Answers as lines that can be compared. */
import type { JsonObject } from '../../../machines/words.ts';

const HEAD_BYTES = 8;

/** Both streams come in frames: a head with the length in its last four bytes, then the text. */
export function unframed(bytes: Buffer): string {
  const parts: string[] = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const end = at + HEAD_BYTES + bytes.readUInt32BE(at + 4);
    parts.push(bytes.toString('utf8', at + HEAD_BYTES, end));
    at = end;
  }
  return parts.join('');
}

/** A line for each member, with its path; what is absent and what is null are two things. */
export function flat(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return value === undefined ? [] : [`${path} ${JSON.stringify(sorted(value))}`];
  const members = Object.entries(value as JsonObject);
  if (members.length === 0) return [`${path} {}`];
  return members.flatMap(([key, member]) => flat(member, path === '' ? key : `${path}.${key}`));
}

/** With the members of objects in lists by name, however deep. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as JsonObject);
  const named = entries.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(named.map(([name, member]) => [name, sorted(member)]));
}
