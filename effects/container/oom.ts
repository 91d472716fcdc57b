/**
 * Whether the kernel killed something of a container for lack of memory: the cgroup's own counter,
 * which stands until the task is deleted. containerd's OOM events may be late or lost.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroupsPath } from '../spec/cgroup.ts';
import type { HostFacts, SpecSubject } from '../spec/types.ts';
import { groupDirectory } from './cgroupDirectory.ts';

/** Reads the counter; false when the group is gone or counts nothing. */
export async function wasOomKilled(
  container: SpecSubject,
  host: HostFacts,
  cgroupRoot: string,
): Promise<boolean> {
  const content = await readOptional(oomCounterFile(container, host, cgroupRoot));
  return oomKills(content) > 0;
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

async function readOptional(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
