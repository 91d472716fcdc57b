/**
 * Moves of processes between control groups, made ready for.
 *
 * Every runtime moves the process that it starts into the container's group, and the process waits
 * for it. The first such move after a while takes the kernel a grace period (5 to 20 ms: the lock
 * `cgroup_threadgroup_rwsem` favours those who fork, rcu_sync), for about as long as that the next
 * ones are free. So the wait can be had beforehand, beside whatever else comes before: this process
 * is moved to where it is, which changes nothing, and again for as long as a start is under way.
 */
import { monotonicMs } from './clock.ts';
import { keepInGroup } from './mounts.ts';

/** A start that takes longer has other troubles. */
const MOST_MS = 1_000;

/** @returns expects moves from now on until what it returns is called; never throws. */
export function controlGroupMoves(): (root: string) => () => void {
  // The worker sees by it when there are none any more, without being told.
  const starts = new Int32Array(new SharedArrayBuffer(4));
  let askedMs = Number.NEGATIVE_INFINITY;
  let told = false;

  function ask(root: string): void {
    askedMs = monotonicMs();
    keepInGroup(root, starts, MOST_MS).catch((error: unknown) => {
      if (!told) process.emitWarning(`starts take the kernel longer: ${String(error)}`);
      told = true;
    });
  }

  return (root) => {
    const others = Atomics.add(starts, 0, 1);
    if (others === 0 || monotonicMs() - askedMs > MOST_MS / 2) ask(root);
    return () => {
      Atomics.sub(starts, 0, 1);
    };
  };
}
