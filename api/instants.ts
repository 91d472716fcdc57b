/**
 * Instants as people write them: seconds since 1970, a date with or without a time, or a Go
 * duration that lies in the past (`10m`, `1h30m`). In nanoseconds since 1970; a date without a
 * zone is local.
 */
const SECOND = 1_000_000_000n;

const UNITS: Readonly<Record<string, bigint>> = {
  h: 3600n * SECOND,
  m: 60n * SECOND,
  s: SECOND,
  ms: 1_000_000n,
  us: 1_000n,
  µs: 1_000n,
  ns: 1n,
};

/** `1.5` of a unit, to the nanosecond. */
function amount(whole: string, fraction: string, unit: bigint): bigint {
  const scale = 10n ** BigInt(fraction.length);
  return BigInt(whole === '' ? '0' : whole) * unit + (BigInt(fraction || '0') * unit) / scale;
}

/** A Go duration in nanoseconds, or undefined. */
export function goDuration(text: string): bigint | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const rest = text.slice(sign.length);
  if (rest === '0') return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.test(rest)) return undefined;
  let sum = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(
    /(\d*)\.?(\d*)(ns|us|µs|ms|s|m|h)/g,
  ))
    sum += amount(whole, fraction, UNITS[unit] ?? 0n);
  return sign === '-' ? -sum : sum;
}

const DATE =
  /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(Z|[+-]\d{2}:\d{2})?$/;

function date(text: string): bigint | undefined {
  const [, day, minutes = '00:00', seconds = '00', fraction = '', zone = ''] =
    DATE.exec(text) ?? [];
  if (day === undefined) return undefined;
  const ms = Date.parse(`${day}T${minutes}:${seconds}${zone}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** @returns undefined for what is no instant. */
export function instant(text: string, nowNs: bigint): bigint | undefined {
  const ago = goDuration(text);
  // A bare zero is the beginning of time, not a duration.
  if (ago !== undefined && text !== '0') return nowNs - ago;
  const [, whole, fraction = ''] = /^(-?\d+)(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (whole !== undefined) return BigInt(whole) * SECOND + BigInt(fraction.padEnd(9, '0'));
  return date(text);
}
