/** Where on the host the files of a container and those of its image lie, by its snapshots. */
import type { RootMaker } from '../container/rootMaker.ts';
import { orAbsent } from '../container/runRecord.ts';
import type { Containerd } from '../containerd/client.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions, Mount } from '../containerd/types.ts';
import { dropLease, takeLease } from '../images/leases.ts';
import { randomHex } from '../system/ids.ts';
import { ArchiveError } from './archiveError.ts';
import type { LayerFiles } from './changes.ts';

export interface LayerSource {
  readonly containerd: Pick<Containerd, 'snapshots' | 'leases'>;
  readonly rootMaker: Pick<RootMaker, 'layers'>;
  readonly snapshotter: string;
  /** Directory of the host that is the container's root; undefined: it has layers. */
  externalRoot(id: string): string | undefined;
}

/** @param work while it runs, the directories stay. @throws ArchiveError */
export async function withLayerFiles<T>(
  source: LayerSource,
  id: string,
  signal: AbortSignal,
  work: (files: LayerFiles) => Promise<T>,
): Promise<T> {
  const mount = await mountOf(source, id, signal);
  if (mount.type === 'overlay') return await work(overlayFiles(mount));
  if (mount.type !== 'bind') {
    throw new ArchiveError('failed', `changes of a ${mount.type} snapshot can not be told`);
  }
  return await besideParent(source, id, mount.source, { signal }, work);
}

async function mountOf(
  { rootMaker, externalRoot }: LayerSource,
  id: string,
  signal: AbortSignal,
): Promise<Mount> {
  const external = externalRoot(id);
  if (external !== undefined)
    throw new ArchiveError('failed', `nobody knows what was changed in ${external}`);
  try {
    const [mount] = await rootMaker.layers(id, { signal });
    if (mount !== undefined) return mount;
  } catch (error) {
    if (!isContainerdError(error, 'not-found')) throw error;
  }
  throw new ArchiveError('gone', `No such container: ${id}`);
}

function overlayFiles({ options }: Mount): LayerFiles {
  const value = (key: string): string =>
    options.find((option) => option.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
  return { kind: 'overlay', upper: value('upperdir'), lower: value('lowerdir').split(':') };
}

/** A view of the parent is asked for, because it says where the parent lies. */
async function besideParent<T>(
  { containerd, snapshotter }: LayerSource,
  id: string,
  upper: string,
  options: CallOptions,
  work: (files: LayerFiles) => Promise<T>,
): Promise<T> {
  const { parent } = await containerd.snapshots.stat({ snapshotter, key: id }, options);
  const key = `view-${randomHex(8)}-${id}`;
  // Should the daemon be killed, the next one lets go of the lease, and the view goes with it.
  const lease = await takeLease(containerd, options.signal);
  try {
    const leased = { ...options, lease };
    const [view] = await containerd.snapshots.view({ snapshotter, key, parent }, leased);
    if (view === undefined) throw new ArchiveError('failed', 'a view without a mount');
    return await work({ kind: 'trees', upper, lower: view.source });
  } finally {
    await orAbsent(containerd.snapshots.remove({ snapshotter, key }));
    await dropLease(containerd, lease);
  }
}
