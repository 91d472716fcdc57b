/**
 * Leases of what is only passing: images on their way in or out, a look at the layers of one. Each
 * expires by itself; at boot those that an earlier daemon has left are dropped at once, so that a
 * load that was killed leaves nothing behind.
 */
import type { Containerd } from '../containerd/client.ts';
import { isContainerdError } from '../containerd/errors.ts';
import { nowNs } from '../system/clock.ts';
import { randomHex } from '../system/ids.ts';
import { formatTimestamp } from '../system/timestamp.ts';

/** Long enough for the log's write and for a daemon that has to come back first. */
const leaseNs = 3_600_000_000_000n;
const prefix = 'transit-';

/** @returns its id */
export async function takeLease(
  client: Pick<Containerd, 'leases'>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const lease = `${prefix}${randomHex(12)}`;
  const expires = formatTimestamp(nowNs() + leaseNs);
  await client.leases.create(lease, { 'containerd.io/gc.expire': expires }, { signal });
  return lease;
}

/** Repeatable. When containerd is away the lease expires by itself. */
export async function dropLease(client: Pick<Containerd, 'leases'>, lease: string): Promise<void> {
  try {
    await client.leases.delete(lease);
  } catch (error) {
    if (!isContainerdError(error, 'not-found', 'unavailable', 'deadline')) throw error;
  }
}

/** @param wanted leases that open rows of the agenda will still publish from */
export async function dropOldLeases(
  client: Containerd,
  wanted: ReadonlySet<string>,
): Promise<void> {
  for (const { id } of await client.leases.list()) {
    // `load-` is what they were called before there were other ways than load.
    const ours = id.startsWith(prefix) || id.startsWith('load-');
    if (ours && !wanted.has(id)) await dropLease(client, id);
  }
}
