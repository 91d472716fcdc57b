/**
 * Moves of processes between control groups, made ready for.
 *
 * Every runtime moves the process that it starts into the container's group, and the process waits
 * for it. The first such move after a while takes the kernel a grace period (5 to 20 ms: the lock
 * `cgroup_threadgroup_rwsem` favours those who fork, rcu_sync), for about as long as that the next
 * ones are free. So the wait can be had beforehand, beside whatever else comes before: this process
 * is moved to where it is, which changes nothing, and again for as long as a start is under way.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs, sleep } from './clock.ts';
import { writeKernelFile } from './mounts.ts';

/** Shorter than the kernel stays ready. */
const AGAIN_MS = 14;
/** A start that takes longer has other troubles. */
const MOST_MS = 1_000;
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

/** @returns expects moves from now on until what it returns is called; never throws. */
export function controlGroupMoves(): (root: string) => () => void {
  let starts = 0;
  let running = false;
  let told = false;

  async function keepReady(root: string): Promise<void> {
    const since = monotonicMs();
    while (starts > 0 && monotonicMs() - since < MOST_MS) {
      // Somebody may move this process, and is not to be contradicted.
      const file = ownProcesses(readFileSync('/proc/self/cgroup', 'utf8'), root);
      if (file === undefined) return;
      await writeKernelFile(file, String(process.pid));
      await sleep(AGAIN_MS);
    }
  }

  function begin(root: string): void {
    running = true;
    keepReady(root)
      .catch((error: unknown) => {
        if (!told) process.emitWarning(`starts take the kernel longer: ${String(error)}`);
        told = true;
      })
      .finally(() => {
        running = false;
      });
  }

  return (root) => {
    starts += 1;
    if (!running) begin(root);
    return () => {
      starts -= 1;
    };
  };
}
