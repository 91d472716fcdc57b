/** RFC 3339 times with nanoseconds, in UTC, as log files carry them: to text and back. */

const nsPerSecond = 1_000_000_000n;
const cached = { second: -1n, text: '' };

/**
 * `2024-01-02T03:04:05.1234Z`: trailing zeros of the fraction are left out, and the point with
 * them.
 */
export function formatTimestamp(ns: bigint): string {
  const second = ns / nsPerSecond;
  if (second !== cached.second) {
    cached.second = second;
    cached.text = new Date(Number(second) * 1000).toISOString().slice(0, 19);
  }
  const fraction = Number(ns % nsPerSecond);
  if (fraction === 0) return `${cached.text}Z`;
  let digits = String(fraction).padStart(9, '0');
  let end = 9;
  while (digits.charCodeAt(end - 1) === 48) end -= 1;
  digits = digits.slice(0, end);
  return `${cached.text}.${digits}Z`;
}

const pattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/;
const fractionOnly = /^\.\d{1,9}Z$/;

/** A log has many records of the same second, in UTC. */
const parsed = { second: '', ns: 0n };

/** Nanoseconds since 1970, or undefined if the text is no RFC 3339 time. */
export function parseTimestamp(text: string): bigint | undefined {
  if (text.startsWith(parsed.second) && fractionOnly.test(text.slice(parsed.second.length))) {
    return parsed.ns + BigInt(text.slice(parsed.second.length + 1, -1).padEnd(9, '0'));
  }
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(ms)) return undefined;
  const second = BigInt(ms) * 1_000_000n;
  if (match[3] === 'Z') Object.assign(parsed, { second: match[1], ns: second });
  return second + BigInt((match[2] ?? '').padEnd(9, '0'));
}
