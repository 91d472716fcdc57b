/** What lies in our namespace of containerd, for reconcile: all of it, in a handful of calls. */
import type { SeenRecord, Sight } from '../../machines/container.seen.ts';
import type { Containerd } from '../containerd/client.ts';
import type { CallOptions, ContainerRecord } from '../containerd/types.ts';
import { CONTAINER_LABEL, orAbsent, runOf } from './runRecord.ts';

type Lists = Pick<Containerd, 'containers' | 'tasks' | 'snapshots' | 'content'>;

/** As much of an image as has to be in containerd for a container to be made of it. */
export interface KnownImage {
  readonly id: string;
  readonly chainId: string;
  readonly target: { readonly digest: string };
}

/** @throws ContainerdError */
export async function lookAround(
  containerd: Lists,
  snapshotter: string,
  images: readonly KnownImage[],
  options: CallOptions = {},
): Promise<Sight> {
  // Tasks first: a run that begins in between shows as a record without a task, never as a
  // stranger. One that ends in between does, so a stranger is reported and never acted upon.
  const tasks = await containerd.tasks.list(options);
  const records = await containerd.containers.list([], options);
  const snapshots = await containerd.snapshots.list(snapshotter, [], options);
  const blobs = new Set((await containerd.content.list([], options)).map(({ digest }) => digest));
  const committed = new Set(
    snapshots.filter(({ kind }) => kind === 'committed').map(({ name }) => name),
  );
  return {
    tasks: tasks.map(({ id, status, pid }) => ({ id, status, pid })),
    records: records.map(seenRecord),
    snapshots: snapshots.filter(({ kind }) => kind !== 'committed').map(({ name }) => name),
    images: images.flatMap((image) => {
      const missing = missingOf(image, blobs, committed);
      return missing === undefined ? [] : [{ id: image.id, missing }];
    }),
  };
}

function seenRecord(record: ContainerRecord): SeenRecord {
  const { id, labels, snapshotKey } = record;
  const ours = labels[CONTAINER_LABEL] === id;
  return { id, snapshotKey, run: ours ? (runOf(record) ?? null) : null };
}

function missingOf(
  { id, chainId, target }: KnownImage,
  blobs: ReadonlySet<string>,
  committed: ReadonlySet<string>,
): string | undefined {
  if (!blobs.has(target.digest)) return `manifest ${target.digest}`;
  if (!blobs.has(id)) return `config ${id}`;
  if (chainId !== '' && !committed.has(chainId)) return `unpacked layers ${chainId}`;
  return undefined;
}

/** The same of one container alone; its snapshot is not looked for. */
export async function lookAtContainer(
  containerd: Pick<Containerd, 'containers' | 'tasks'>,
  id: string,
  options: CallOptions = {},
): Promise<Sight> {
  const record = await orAbsent(containerd.containers.get(id, options));
  // Without a record every call for a task is `not-found`, and only the list shows it.
  const task =
    record === undefined
      ? (await containerd.tasks.list(options)).find((one) => one.id === id)
      : await orAbsent(containerd.tasks.get({ containerId: id }, options));
  return {
    tasks: task === undefined ? [] : [{ id, status: task.status, pid: task.pid }],
    records: record === undefined ? [] : [seenRecord(record)],
    snapshots: [id],
    images: [],
  };
}
