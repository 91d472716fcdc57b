/**
 * Copies in and out of containers, running or stopped, as the facade asks for them: the root is
 * held for as long as a job needs it, and the job runs on a thread of its own.
 */
import type { Mounted, MountPoint } from '../../machines/container.mounts.ts';
import type { SeenFiles } from '../container/containerFiles.ts';
import type { Roots } from '../container/paths.ts';
import type { HeldRoot, RootMounts } from '../container/rootMounts.ts';
import { isContainerdError } from '../containerd/errors.ts';
import { randomHex } from '../system/ids.ts';
import { toBytes, toText } from '../tar/entry.ts';
import { volumePaths } from '../volumes/paths.ts';
import type { VolumeMounts } from '../volumes/volumeMounts.ts';
import { ArchiveError } from './archiveError.ts';
import type { ChangeKind } from './changes.ts';
import { type LayerSource, withLayerFiles } from './layerFiles.ts';
import type { PathStat } from './pathStat.ts';
import type { MountedFile } from './rootView.ts';
import type { Running, Threads } from './threads.ts';

export interface CopyIn {
  readonly path: string;
  readonly noOverwriteDirNonDir: boolean;
  readonly rootReadOnly: boolean;
  /** Whose all of it becomes, by the container's own files; null: as the tar says. */
  readonly user: string | null;
}

export interface PathChange {
  readonly path: string;
  readonly kind: ChangeKind;
}

/** What a job needs to know to find a container's files. */
interface View {
  readonly root: string;
  readonly mounts: readonly MountedFile[];
}

export interface Archives {
  /** @throws ArchiveError, as all of these */
  stat(id: string, path: string, signal: AbortSignal): Promise<PathStat>;
  /** The chunks must be read to their end, or given up by `return`. */
  copyOut(
    id: string,
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly stat: PathStat; readonly chunks: AsyncIterable<Buffer> }>;
  copyIn(
    id: string,
    options: CopyIn,
    tar: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void>;
  /** The whole root as a tar, without what is mounted in it. */
  export(id: string, signal: AbortSignal): AsyncIterable<Buffer>;
  changes(id: string, signal: AbortSignal): Promise<readonly PathChange[]>;
  /** The changes as an image's layer. @returns how many entries it has, when all is read */
  layer(id: string, signal: AbortSignal): AsyncGenerator<Buffer, number>;
}

export interface ArchivesDeps extends LayerSource {
  readonly rootMounts: RootMounts;
  readonly roots: Roots;
  readonly threads: Threads;
  readonly volumeMounts: Pick<VolumeMounts, 'use' | 'release'>;
  mountsOf(container: string): Mounted;
  /** What is shown in place of some of the root's files; made, if it is not there yet. */
  filesOf(container: string): Promise<SeenFiles>;
}

export function makeArchives(deps: ArchivesDeps): Archives {
  const { threads } = deps;
  return {
    stat: (id, path, signal) =>
      held(deps, id, signal, async (view, both) => {
        const job = { kind: 'stat', ...view, path: toBytes(path) } as const;
        const running = threads.run(job, both);
        await running.over;
        return await running.head;
      }),
    copyOut: (id, path, signal) => copyOut(deps, id, toBytes(path), signal),
    copyIn: (id, { path, ...options }, tar, signal) =>
      held(deps, id, signal, async (view, both) => {
        const job = { kind: 'copy-in', ...view, ...options, path: toBytes(path) } as const;
        const running = threads.run(job, both, tar);
        await running.over;
        await running.value;
      }),
    async *export(id, signal) {
      const { root } = await holdRoot(deps, id, signal);
      try {
        const both = AbortSignal.any([signal, root.lost]);
        yield* toEnd(threads.run({ kind: 'export', root: root.path }, both));
      } finally {
        await root.release();
      }
    },
    changes: (id, signal) =>
      withLayerFiles(deps, id, signal, async (files) => {
        const running = threads.run({ kind: 'changes', files }, signal);
        await running.over;
        const changes = await running.value;
        return changes.map(({ path, kind }) => ({ path: toText(path), kind }));
      }),
    layer: (id, signal) => layerOf(deps, id, signal),
  };
}

/** Of a container that is not there any more, or not yet, there is nothing to copy. */
async function heldRoot(deps: ArchivesDeps, id: string, signal: AbortSignal): Promise<HeldRoot> {
  try {
    return await deps.rootMounts.hold(id, { signal });
  } catch (error) {
    if (!isContainerdError(error, 'not-found')) throw error;
    throw new ArchiveError('gone', `No such container: ${id}`, { cause: error });
  }
}

async function holdRoot(
  deps: ArchivesDeps,
  id: string,
  signal: AbortSignal,
): Promise<{ readonly root: HeldRoot; readonly files: SeenFiles }> {
  const root = await heldRoot(deps, id, signal);
  try {
    return { root, files: await deps.filesOf(id) };
  } catch (error) {
    await root.release();
    throw error;
  }
}

/** The root with what is mounted in it, and the devices of volumes. */
async function holdAll(
  deps: ArchivesDeps,
  id: string,
  signal: AbortSignal,
): Promise<HeldRoot & { readonly view: View }> {
  const { root, files } = await holdRoot(deps, id, signal);
  const user = `copy ${randomHex(8)}`;
  const mounted = deps.mountsOf(id);
  const release = async (): Promise<void> => {
    await deps.volumeMounts.release(user, mounted);
    await root.release();
  };
  try {
    await deps.volumeMounts.use(user, mounted);
  } catch (error) {
    await release();
    throw error;
  }
  return { ...root, release, view: { root: root.path, mounts: mountedIn(deps, mounted, files) } };
}

async function held<T>(
  deps: ArchivesDeps,
  id: string,
  signal: AbortSignal,
  work: (view: View, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const root = await holdAll(deps, id, signal);
  try {
    return await work(root.view, AbortSignal.any([signal, root.lost]));
  } finally {
    await root.release();
  }
}

async function copyOut(
  deps: ArchivesDeps,
  id: string,
  path: string,
  signal: AbortSignal,
): ReturnType<Archives['copyOut']> {
  const root = await holdAll(deps, id, signal);
  const both = AbortSignal.any([signal, root.lost]);
  const running = deps.threads.run({ kind: 'copy-out', ...root.view, path }, both);
  // Whatever becomes of the reader: the root is let go of when the thread has.
  const released = running.over.then(() => root.release());
  released.catch((error: unknown) => process.emitWarning(String(error)));
  return { stat: await running.head, chunks: toEnd(running) };
}

/** All chunks, and then whether it was all of them. */
async function* toEnd<K extends 'copy-out' | 'export' | 'layer'>(
  running: Running<K>,
): AsyncGenerator<Buffer, Awaited<Running<K>['value']>> {
  try {
    yield* running.chunks;
  } finally {
    await running.chunks.return(undefined);
    await running.over;
  }
  return await running.value;
}

async function* layerOf(
  deps: ArchivesDeps,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer, number> {
  const opened = Promise.withResolvers<Running<'layer'>>();
  const closed = Promise.withResolvers<void>();
  const over = withLayerFiles(deps, id, signal, async (files) => {
    opened.resolve(deps.threads.run({ kind: 'layer', files }, signal));
    await closed.promise;
  });
  over.catch(opened.reject);
  try {
    return (yield* toEnd(await opened.promise)).entries;
  } finally {
    closed.resolve();
    await over;
  }
}

/** What a container sees at these places lies beside its root. A tmpfs has nothing to be seen. */
function mountedIn(
  deps: ArchivesDeps,
  { mounts = [] }: Mounted,
  files: SeenFiles,
): readonly MountedFile[] {
  const own = mounts.flatMap((point) => placeOf(deps.roots, point));
  const taken = new Set(own.map(({ destination }) => destination));
  return [...daemonFiles(files).filter((file) => !taken.has(file.destination)), ...own];
}

function placeOf({ dataRoot }: Roots, point: MountPoint): readonly MountedFile[] {
  const { destination, volume, subpath, readWrite: writable } = point;
  if (point.type === 'tmpfs') return [];
  const mounted = { destination: toBytes(destination), writable };
  if (volume === undefined) return [{ ...mounted, source: point.source }];
  const { data } = volumePaths(dataRoot, volume.name);
  return [{ ...mounted, source: data, ...(subpath === undefined ? {} : { subpath }) }];
}

/** Who joins another's network sees the other's. */
function daemonFiles({ hosts, hostname, resolvConf }: SeenFiles): readonly MountedFile[] {
  const mounted = (destination: string, source: string): MountedFile => {
    return { destination, source, writable: true };
  };
  return [
    mounted('/etc/hosts', hosts),
    mounted('/etc/hostname', hostname),
    mounted('/etc/resolv.conf', resolvConf),
  ];
}
