/** The filter `until`: an instant, or how long ago. */
import { apiError } from '../errors.ts';

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6 };

/**
 * Seconds since 1970 of a Unix time, an RFC 3339 time (a part left out is zero, without a zone it
 * is UTC) or a duration like `1h30m` before now. @throws ApiError 400
 */
export function instant(text: string, nowNs: bigint): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (/^(\d+(\.\d+)?(h|ms|us|m|s))+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|m|s)/g)];
    const ago = parts.reduce(
      (all, [, count = '0', unit = 's']) => all + Number(count) * (UNITS[unit] ?? 1),
      0,
    );
    return Number(nowNs / 1_000_000n) / 1000 - ago;
  }
  const zoned = /^\d{4}-\d\d-\d\d(T.*[Zz]|T.*[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`;
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(zoned) : Number.NaN;
  if (!Number.isNaN(ms)) return ms / 1000;
  const message = `failed to parse value as time or duration: ${JSON.stringify(text)}`;
  throw apiError('bad-parameter', { message });
}
