/** Which namespaces a container gets of its own, and which it shares with the host. */
import type { HostConfig } from '../../machines/container.config.ts';
import type { Donors } from '../../machines/container.donors.ts';
import type { HostFacts, NamespaceType, OciNamespace } from './types.ts';

/**
 * A namespace type that is absent from the list is the host's. With network mode `none` the runtime
 * makes an empty network namespace; for others the daemon has made one.
 */
export function namespaces(
  hostConfig: HostConfig,
  host: HostFacts,
  donors: Donors = {},
  networkPath: string | null = null,
): readonly OciNamespace[] {
  const list: OciNamespace[] = [{ type: 'mount' }];
  const made = networkPath === null ? {} : { path: networkPath };
  const network = { ...joined('network', 'net', donors.network), ...made };
  if (hostConfig.NetworkMode !== 'host') list.push(network);
  if (hostConfig.UTSMode !== 'host') list.push({ type: 'uts' });
  if (hostConfig.PidMode !== 'host') list.push(joined('pid', 'pid', donors.pid));
  if (hostConfig.IpcMode !== 'host') list.push(joined('ipc', 'ipc', donors.ipc));
  if (ownsCgroup(hostConfig, host)) list.push({ type: 'cgroup' });
  return list;
}

/** That of the donor's process, or a new one. */
function joined(type: NamespaceType, file: string, donor: Donors['pid']): OciNamespace {
  return donor === undefined || 'missing' in donor
    ? { type }
    : { type, path: `/proc/${donor.pid}/ns/${file}` };
}

/** Whether it has a network namespace that is no other's. */
export function ownsNetwork({ NetworkMode }: HostConfig): boolean {
  return NetworkMode !== 'host' && !NetworkMode.startsWith('container:');
}

/** Docker's default: private on cgroup v2, the host's on v1. */
function ownsCgroup(hostConfig: HostConfig, host: HostFacts): boolean {
  if (hostConfig.CgroupnsMode !== '') return hostConfig.CgroupnsMode === 'private';
  return host.cgroup.version === 2;
}
