/**
 * How many processes of a container the kernel killed for lack of memory: the cgroup's own counter,
 * which stands until the task is deleted. containerd's OOM events may be late or lost.
 */
import { join } from 'node:path';
import { cgroupsPath } from '../spec/cgroup.ts';
import type { HostFacts, SpecSubject } from '../spec/types.ts';
import { groupDirectory } from './cgroupDirectory.ts';
import type { ContainerDeps } from './deps.ts';

/** Reads the counter; undefined: the group is gone. Under systemd it goes with its last process. */
export async function readOomKills(
  { system, host, cgroupRoot }: Pick<ContainerDeps, 'system' | 'host' | 'cgroupRoot'>,
  container: SpecSubject,
): Promise<number | undefined> {
  const content = await system.files.readText(oomCounterFile(container, host, cgroupRoot));
  return content === undefined ? undefined : oomKills(content);
}

/**
 * How many by now. The hint that brings somebody here is given of the counter: where the group has
 * gone with the process that was killed, it is all there is.
 * @param told so many before
 */
export function killsByNow(told: number, counted: number | undefined, hinted: boolean): number {
  if (counted !== undefined) return counted;
  return hinted ? told + 1 : told;
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
