/**
 * How many processes of a container the kernel killed for lack of memory: the cgroup's own counter,
 * which stands until the task is deleted. containerd's OOM events may be late or lost.
 */
import { join } from 'node:path';
import { cgroupsPath } from '../spec/cgroup.ts';
import type { HostFacts, SpecSubject } from '../spec/types.ts';
import { groupDirectory } from './cgroupDirectory.ts';
import type { ContainerDeps } from './deps.ts';

/** Reads the counter; 0 when the group is gone or counts nothing. */
export async function readOomKills(
  { system, host, cgroupRoot }: Pick<ContainerDeps, 'system' | 'host' | 'cgroupRoot'>,
  container: SpecSubject,
): Promise<number> {
  const content = await system.files.readText(oomCounterFile(container, host, cgroupRoot));
  return oomKills(content ?? '');
}

/**
 * v1: memory.oom_control of the memory hierarchy; v2: memory.events. Both have a line `oom_kill n`.
 */
export function oomCounterFile(
  container: SpecSubject,
  host: HostFacts,
  cgroupRoot: string,
): string {
  const group = groupDirectory(cgroupsPath(container, host), host.cgroup.driver);
  return host.cgroup.version === 1
    ? join(cgroupRoot, 'memory', group, 'memory.oom_control')
    : join(cgroupRoot, group, 'memory.events');
}

export function oomKills(content: string): number {
  const match = /^oom_kill (\d+)$/m.exec(content);
  return match === null ? 0 : Number(match[1]);
}
