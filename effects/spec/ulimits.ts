/** Limits of the process by setrlimit: HostConfig.Ulimits over the daemon's, by name. */
import type { HostConfig } from '../../machines/container.config.ts';
import type { OciRlimit } from './types.ts';

/** -1 is "no limit", which the kernel knows as the highest number there is. */
const UNLIMITED = 18_446_744_073_709_551_615n;

export function ulimits(hostConfig: HostConfig): readonly OciRlimit[] {
  const value = hostConfig['Ulimits'];
  if (!Array.isArray(value)) return [];
  return value.map((entry) => {
    const { Name, Soft, Hard } = Object(entry);
    return { type: `RLIMIT_${String(Name).toUpperCase()}`, soft: limit(Soft), hard: limit(Hard) };
  });
}

function limit(value: unknown): number | bigint {
  const number = typeof value === 'number' ? value : 0;
  return number < 0 ? UNLIMITED : number;
}
