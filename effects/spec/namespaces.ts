/** Which namespaces a container gets of its own, and which it shares with the host. */
import type { HostConfig } from '../../machines/container.config.ts';
import type { HostFacts, OciNamespace } from './types.ts';

/**
 * A namespace type that is absent from the list is the host's. Network modes `none` and `bridge`
 * both get a network namespace of their own; what is plugged into it is not the spec's business.
 */
export function namespaces(hostConfig: HostConfig, host: HostFacts): readonly OciNamespace[] {
  const list: OciNamespace[] = [{ type: 'mount' }];
  if (ownsNetwork(hostConfig)) list.push({ type: 'network' });
  if (hostConfig.UTSMode !== 'host') list.push({ type: 'uts' });
  if (hostConfig.PidMode !== 'host') list.push({ type: 'pid' });
  if (hostConfig.IpcMode !== 'host') list.push({ type: 'ipc' });
  if (ownsCgroup(hostConfig, host)) list.push({ type: 'cgroup' });
  return list;
}

export function ownsNetwork(hostConfig: HostConfig): boolean {
  return hostConfig.NetworkMode !== 'host';
}

/** Docker's default: private on cgroup v2, the host's on v1. */
function ownsCgroup(hostConfig: HostConfig, host: HostFacts): boolean {
  if (hostConfig.CgroupnsMode !== '') return hostConfig.CgroupnsMode === 'private';
  return host.cgroup.version === 2;
}
