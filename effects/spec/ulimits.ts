/**
 * Limits of the process by setrlimit: HostConfig.Ulimits over the daemon's defaults, and these over
 * what the daemon was started with, by name. All are said, so that none is inherited.
 */
import type { HostConfig } from '../../machines/container.config.ts';
import type { OciRlimit, UlimitDefault } from './types.ts';

/** -1 is "no limit", which the kernel knows as the highest number there is. */
const UNLIMITED = 18_446_744_073_709_551_615n;

/**
 * @param defaults the daemon's, for those that the container does not name
 * @param inherited for those that nobody names
 */
export function ulimits(
  hostConfig: HostConfig,
  defaults: Readonly<Record<string, UlimitDefault>>,
  inherited: readonly OciRlimit[],
): readonly OciRlimit[] {
  const value = hostConfig['Ulimits'];
  const own: readonly unknown[] = Array.isArray(value) ? value : [];
  const named = new Set(own.map((entry) => Object(entry).Name));
  const unsaid = Object.values(defaults).filter(({ Name }) => !named.has(Name));
  const said = [...own, ...unsaid].map((entry) => {
    const { Name, Soft, Hard } = Object(entry);
    return { type: `RLIMIT_${String(Name).toUpperCase()}`, soft: limit(Soft), hard: limit(Hard) };
  });
  const types = new Set(said.map(({ type }) => type));
  return [...said, ...inherited.filter(({ type }) => !types.has(type))];
}

function limit(value: unknown): number | bigint {
  const number = typeof value === 'number' ? value : 0;
  return number < 0 ? UNLIMITED : number;
}
