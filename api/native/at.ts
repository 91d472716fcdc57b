/** `at=`: a position, or an instant, which is the position of the last fact up to it. */
import { apiError } from '../errors.ts';
import { instant } from '../instants.ts';
import type { ApiPorts } from '../ports.ts';

/**
 * Digits are a position, `@` and digits are seconds since 1970; else RFC 3339, or a duration ago.
 * @returns null if it is not given. @throws ApiError for what is neither, or lies ahead
 */
export function positionOf({ log, ambient }: ApiPorts, query: URLSearchParams): number | null {
  const text = query.get('at') ?? '';
  if (text === '') return null;
  const head = log.head();
  if (/^\d{1,15}$/.test(text)) {
    if (Number(text) <= head) return Number(text);
    const message = `position ${text} is beyond the end of the log, which is ${head}`;
    throw apiError('bad-parameter', { message });
  }
  const ns = instant(text.replace(/^@/, ''), ambient.nowNs());
  if (ns !== undefined) return log.positionAt(ns);
  const message = `invalid value for "at": "${text}" is neither a position nor an instant`;
  throw apiError('bad-parameter', { message });
}
