/** The control group that this process is in. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemError } from './libc.ts';

/** Hierarchies of version 1 in which a process stays where it was born, and which mean little. */
const PLAIN = ['freezer', 'pids'];

/**
 * The file that lists the processes of this one's group.
 * @param membership text of /proc/self/cgroup
 * @param root where the hierarchies are mounted
 * @returns undefined where the group can not be seen from here
 */
export function ownProcesses(membership: string, root: string): string | undefined {
  const groups = new Map<string, string>();
  for (const line of membership.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers !== undefined && path !== undefined) groups.set(controllers, path);
  }
  const name = PLAIN.find((each) => groups.has(each)) ?? '';
  const group = groups.get(name);
  if (group === undefined || group.split('/').includes('..')) return undefined;
  return join(root, name, group, 'cgroup.procs');
}

/**
 * Moves this process to where it is, which changes nothing; nothing is done where that can not be
 * seen. May wait for the kernel. @throws SystemError
 */
export function stayInGroup(root: string): void {
  try {
    // Somebody may move this process, and is not to be contradicted.
    const file = ownProcesses(readFileSync('/proc/self/cgroup', 'utf8'), root);
    if (file !== undefined) writeFileSync(file, String(process.pid), { flag: 'r+' });
  } catch (error) {
    const { syscall = 'write', errno = 0, path = root } = error as NodeJS.ErrnoException;
    throw new SystemError(syscall, Math.abs(errno), path);
  }
}
