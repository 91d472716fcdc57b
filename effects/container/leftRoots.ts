/**
 * Roots and leases of containers that are removed. A call of a daemon that was killed, or that gave
 * it up, can be done when the removal has been by; then nothing but this would ever end them, for a
 * root is kept for its own sake. What the log does not know is not ours to judge.
 */
import type { Containerd } from '../containerd/client.ts';
import { CONTAINER_LABEL, orAbsent } from './runRecord.ts';

/** At boot, before anything else is made of a container. Repeatable. */
export async function dropLeftRoots(
  { leases, snapshots }: Pick<Containerd, 'leases' | 'snapshots'>,
  snapshotter: string,
  isRemoved: (id: string) => boolean,
): Promise<void> {
  const labelled = [`labels."${CONTAINER_LABEL}"`];
  for (const { id, labels } of await leases.list(labelled)) {
    if (isRemoved(labels[CONTAINER_LABEL] ?? '')) await orAbsent(leases.delete(id));
  }
  for (const { name: key, labels } of await snapshots.list(snapshotter, labelled)) {
    const own = labels[CONTAINER_LABEL] === key;
    if (own && isRemoved(key)) await orAbsent(snapshots.remove({ snapshotter, key }));
  }
}
