/**
 * Times and durations in the forms that Docker's answers hold. Instants are nanoseconds since 1970.
 */
import { apiError } from './errors.ts';
import { parts, SECOND, whole } from './instant.ts';

export { rfc3339, ZERO_TIME } from './instant.ts';

/** RFC 3339 in UTC, always with nine digits of fraction, as log lines are stamped. */
export function rfc3339Fixed(ns: bigint): string {
  const { seconds, fraction } = parts(ns);
  return `${whole(seconds)}.${fraction.toString().padStart(9, '0')}Z`;
}

export const unixSeconds = (ns: bigint): number => Number(parts(ns).seconds);

/**
 * `seconds[.fraction]` as clients send it; the fraction is filled to nine digits on the right.
 * Empty and absent: null. @throws ApiError
 */
export function timestamp(query: URLSearchParams, name: string): bigint | null {
  const value = query.get(name) ?? '';
  if (value === '') return null;
  const found = /^(-?\d+)(?:\.(\d{1,9}))?$/.exec(value);
  if (found === null) {
    const message = `invalid value for "${name}": "${value}" is not a number of seconds`;
    throw apiError('bad-parameter', { message });
  }
  return BigInt(found[1] ?? '0') * SECOND + BigInt((found[2] ?? '').padEnd(9, '0'));
}

/** A duration in words, as `docker ps` shows it: `5 minutes`, `About an hour`. */
export function durationWords(ns: bigint): string {
  const seconds = Number(ns / SECOND);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.floor(seconds / 3600 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 14) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 60) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(seconds / 3600 / 24 / 365)} years`;
}
