/** The name a container knows itself by. */
import type { SpecInput } from './types.ts';

/**
 * Config.Hostname; the host's own name for a container that has none and shares the host's UTS or
 * network namespace (elsewhere create has filled it with the short id).
 */
export function hostnameOf(input: Pick<SpecInput, 'container' | 'host'>): string {
  const { config, hostConfig, id } = input.container;
  if (config.Hostname !== '') return config.Hostname;
  const shares = hostConfig.UTSMode === 'host' || hostConfig.NetworkMode === 'host';
  return shares ? input.host.hostname : id.slice(0, 12);
}
