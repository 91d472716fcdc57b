/** Kernel parameters of the container's own namespaces. */
import { textMap } from './hostFields.ts';
import { ownsNetwork } from './namespaces.ts';
import type { SpecSubject } from './types.ts';

/**
 * With a network namespace of its own any user of a container may bind low ports and send pings.
 */
const NETWORK_DEFAULTS = {
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
} as const;

export function sysctls(container: SpecSubject): Readonly<Record<string, string>> {
  const { config, hostConfig } = container;
  return {
    ...(ownsNetwork(hostConfig) ? NETWORK_DEFAULTS : {}),
    ...(config.Domainname === '' ? {} : { 'kernel.domainname': config.Domainname }),
    ...textMap(hostConfig, 'Sysctls'),
  };
}
