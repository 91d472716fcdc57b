/** What containerd holds for a daemon: so a spec sees whether an image is really gone. */
import { join } from 'node:path';
import { type Containerd, connectContainerd } from '../../effects/containerd/client.ts';
import { namespaceOf } from '../../effects/containerd/namespace.ts';
import type { TemporaryDaemon } from './temporaryDaemon.ts';

export interface Held {
  /** Names of image records. */
  readonly records: readonly string[];
  /** Digests of blobs. */
  readonly content: readonly string[];
  readonly snapshots: readonly string[];
  readonly leases: readonly string[];
}

export const NOTHING: Held = { records: [], content: [], snapshots: [], leases: [] };

export async function withContainerd<T>(
  daemon: TemporaryDaemon,
  use: (client: Containerd) => Promise<T>,
): Promise<T> {
  const address = join(daemon.execRoot, 'containerd', 'containerd.sock');
  const { body } = await daemon.request('GET', '/info');
  const client = connectContainerd({ address, namespace: namespaceOf(JSON.parse(body).ID) });
  try {
    await client.whenConnected(10_000);
    return await use(client);
  } finally {
    client.close();
  }
}

/** After the collector has run. */
export function held(daemon: TemporaryDaemon, snapshotter = 'overlayfs'): Promise<Held> {
  return withContainerd(daemon, async (client) => {
    await client.leases.create('spec-collect');
    await client.leases.delete('spec-collect', { sync: true });
    return {
      records: (await client.images.list()).map(({ name }) => name).sort(),
      content: (await client.content.list()).map(({ digest }) => digest).sort(),
      snapshots: (await client.snapshots.list(snapshotter)).map(({ name }) => name).sort(),
      leases: (await client.leases.list()).map(({ id }) => id).sort(),
    };
  });
}
