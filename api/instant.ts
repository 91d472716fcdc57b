/** Instants, nanoseconds since 1970, as text. Apart from time.ts, because errors name instants. */

export const ZERO_TIME = '0001-01-01T00:00:00Z';

export const SECOND = 1_000_000_000n;

export function parts(ns: bigint): { readonly seconds: bigint; readonly fraction: bigint } {
  const fraction = ((ns % SECOND) + SECOND) % SECOND;
  return { seconds: (ns - fraction) / SECOND, fraction };
}

/** A log has many records of the same second. */
const last = { seconds: 0n, text: '1970-01-01T00:00:00' };

export function whole(seconds: bigint): string {
  if (seconds !== last.seconds) {
    last.text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
    last.seconds = seconds;
  }
  return last.text;
}

/** RFC 3339 in UTC, zeros at the end of the fraction left out; null is Go's zero time. */
export function rfc3339(ns: bigint | null): string {
  if (ns === null) return ZERO_TIME;
  const { seconds, fraction } = parts(ns);
  const digits = fraction.toString().padStart(9, '0').replace(/0+$/, '');
  return `${whole(seconds)}${digits === '' ? '' : `.${digits}`}Z`;
}
