/** Where in the cgroup tree a container lies. */
import type { HostFacts, SpecSubject } from './types.ts';

/**
 * The spec's `cgroupsPath`. Docker says `/docker/<id>` and `system.slice:docker:<id>`; ours says
 * shiplog, so that two daemons on one machine never share a group.
 */
export function cgroupsPath(container: SpecSubject, host: HostFacts): string {
  const parent = container.hostConfig.CgroupParent;
  if (host.cgroup.driver === 'systemd') {
    return `${parent === '' ? 'system.slice' : parent}:shiplog:${container.id}`;
  }
  const folder = parent === '' ? '/shiplog' : `/${parent.replace(/^\/+|\/+$/g, '')}`;
  return `${folder}/${container.id}`;
}
