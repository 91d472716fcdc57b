/** Versions of the Engine API: `major.minor`, compared as numbers. */
import { apiError } from './errors.ts';

export type ApiVersion = string;

/** Newest version whose shapes are served; a path without a version means this one. */
export const MAX_VERSION: ApiVersion = '1.55';
export const MIN_VERSION: ApiVersion = '1.24';

function numbers(version: ApiVersion): readonly number[] {
  return version.split('.').map(Number);
}

/** Whether `version` is older than `other`. */
export function before(version: ApiVersion, other: ApiVersion): boolean {
  const left = numbers(version);
  const right = numbers(other);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

export const since = (version: ApiVersion, other: ApiVersion): boolean => !before(version, other);

/** @throws ApiError if the version asked for is not served. */
export function checkVersion(asked: ApiVersion | undefined): ApiVersion {
  if (asked === undefined) return MAX_VERSION;
  if (before(asked, MIN_VERSION)) throw apiError('version-too-old', { asked, min: MIN_VERSION });
  if (before(MAX_VERSION, asked)) throw apiError('version-too-new', { asked, max: MAX_VERSION });
  return asked;
}
