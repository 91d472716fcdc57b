/** Which namespaces a container gets of its own, and which it shares with the host. */
import type { HostConfig } from '../../machines/container.config.ts';
import type { HostFacts, OciNamespace } from './types.ts';

/**
 * A namespace type that is absent from the list is the host's. With network mode `none` the runtime
 * makes an empty network namespace; for others the daemon has made one.
 */
export function namespaces(
  hostConfig: HostConfig,
  host: HostFacts,
  networkPath: string | null = null,
): readonly OciNamespace[] {
  const list: OciNamespace[] = [{ type: 'mount' }];
  const made = networkPath === null ? {} : { path: networkPath };
  if (ownsNetwork(hostConfig)) list.push({ type: 'network', ...made });
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
