/**
 * Everything that the daemon touches, put together: containerd, the stdio process, the handlers,
 * and the streams that pass by the log. main.ts plugs it into the actors and the facade.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockedRuntime } from '../machines/container.config.ts';
import type { ContainerContext } from '../machines/container.context.ts';
import type { Mounted } from '../machines/container.mounts.ts';
import type { Sight } from '../machines/container.seen.ts';
import { type Archives, makeArchives } from './archive/archives.ts';
import { makeThreads, type Threads } from './archive/threads.ts';
import { type ContainerFilesDeps, ensureContainerFiles } from './container/containerFiles.ts';
import type { ContainerDefaults } from './container/deps.ts';
import { type ForeignRecord, foreignRecord } from './container/foreign.ts';
import { containerHints, type Hint } from './container/hints.ts';
import { hostSystem } from './container/hostSystem.ts';
import { makeInTurn } from './container/inTurn.ts';
import { keepRoots } from './container/keepRoots.ts';
import { dropLeftRoots } from './container/leftRoots.ts';
import { renewNetworkFiles } from './container/liveFiles.ts';
import { hostServers, readHostFiles } from './container/networkFiles.ts';
import { type KnownImage, lookAround, lookAtContainer } from './container/observe.ts';
import { readOomKills } from './container/oom.ts';
import { containerPaths } from './container/paths.ts';
import { makeRootMaker } from './container/rootMaker.ts';
import { makeRootMounts, sweepRoots } from './container/rootMounts.ts';
import { makeRunMemory } from './container/runMemory.ts';
import { makeSizes, type Sizes } from './container/sizes.ts';
import type { Unstarted } from './container/unstarted.ts';
import type { Containerd } from './containerd/client.ts';
import type { LogLevel } from './containerd/managed.config.ts';
import {
  type Log,
  type ManagedContainerd,
  startManaged,
  stopManaged,
} from './containerd/managed.ts';
import { claimNamespace, namespaceOf } from './containerd/namespace.ts';
import { watchPresence } from './containerd/presence.ts';
import { reachContainerd } from './containerd/reach.ts';
import { checkSnapshotter } from './containerd/snapshotter.ts';
import { type Supervision, supervise } from './containerd/supervise.ts';
import type { VersionInfo } from './containerd/types.ts';
import { stdioKey } from './exec/execOutput.ts';
import type { SidePort } from './health/sidePort.ts';
import { CGROUP_ROOT, type Host } from './host/facts.ts';
import { imageHandlers } from './images/handlers.ts';
import { dropOldLeases } from './images/leases.ts';
import { type ImageStager, makeImageStager } from './images/loader.ts';
import type { KeepRoots } from './images/remove.ts';
import { type SavedImage, saveImages } from './images/saver.ts';
import { removeOldSpools } from './images/spool.ts';
import { makeFirewall } from './network/firewall.ts';
import { IpTool } from './network/ipTool.ts';
import { makeNames } from './network/names.ts';
import { NetworkHost, type Plans } from './network/networkHost.ts';
import type { HostRules } from './network/ports.ts';
import { type ProcessTable, processTable } from './processes/processTable.ts';
import { type Usage, type UsageSubject, usageOf } from './processes/usage.ts';
import { makeRegistry, type RegistryDeps } from './registry.ts';
import { type RunnableEffects, runnableEffects } from './run.ts';
import type { SpecSubject } from './spec/types.ts';
import { connectStdio, type Stdio, type StdioChange } from './stdio/client.ts';
import { type LogOptions, type LogPage, type LogRequest, readLogs } from './stdio/logs.ts';
import { after, nextTurn } from './system/clock.ts';
import { bootId } from './system/process.ts';
import { StartRefused } from './system/startRefused.ts';
import { volumesGone } from './volumes/gone.ts';
import { openVolumes } from './volumes/open.ts';

/** What a client takes from making an exec to starting it. */
const EXPECTED_MS = 40;

export interface WorldOptions {
  readonly dataRoot: string;
  readonly execRoot: string;
  /** Socket of a containerd that somebody else runs; null: one of our own. */
  readonly containerd: string | null;
  readonly daemonId: string;
  /** Whether a daemon of this data root was ever connected to a containerd. */
  readonly reachedBefore: boolean;
  /** In containerd; null: one that is named by the daemon's id. */
  readonly namespace: string | null;
  /** containerd's, e.g. `overlayfs` or `native`. */
  readonly snapshotter: string;
  readonly logLevel: LogLevel;
  readonly host: Host;
  /** As the configuration has them now. */
  defaults(): ContainerDefaults;
  /** JSON that an OCI runtime tells of itself; undefined: nothing is known. */
  featuresOf(runtime: LockedRuntime): string | undefined;
  readonly log: Log & { error(fields: object, message: string): void };
  /** For what is told beside the log. */
  readonly side: SidePort;
  readonly network: {
    /** What names of ours in the host begin with. */
    readonly prefix: string;
    readonly rules: HostRules;
    readonly plans: Plans;
  };
  /** Leases of images on their way in that an earlier daemon left, and that are needed still. */
  readonly leasesInUse: ReadonlySet<string>;
  /** The log says that it was there, and that nothing of it is left. */
  isRemoved(container: string): boolean;
  /** What the log says of a container. */
  containerOf(id: string): ContainerContext | undefined;
  /** What the log says of containers that never ran. */
  readonly unstarted: Unstarted;
  reveal(digests: readonly string[]): ReadonlyMap<string, string>;
  /** `message` null: it is there again; else why it is not. */
  onContainerd(message: string | null): void;
  /** The containerd of our own had ended and was started again. */
  onContainerdRestarted(pid: number): void;
  onStdio(change: StdioChange): void;
}

export interface World {
  readonly effects: RunnableEffects;
  readonly network: NetworkHost;
  /** What a running container's /etc says of networks, as it is now. */
  renewNetworkFiles(container: ContainerContext): Promise<void>;
  readonly stager: ImageStager;
  readonly archives: Archives;
  saveImages(images: readonly SavedImage[], signal: AbortSignal): AsyncIterable<Buffer>;
  readonly containerd: { readonly address: string; readonly namespace: string };
  version(): Promise<VersionInfo>;
  /** All that lies in our namespace; of these images and volumes, what they lack. */
  look(images: readonly KnownImage[], volumes: readonly string[]): Promise<Sight>;
  /** The same of one container. */
  lookAt(id: string): Promise<Sight>;
  /** What somebody else's record tells; undefined: there is none. */
  foreign(id: string): Promise<ForeignRecord | undefined>;
  /** Containers to look at; see effects/container/hints.ts. */
  hints(signal: AbortSignal): AsyncIterable<Hint>;
  /** How many processes of its present run were killed for lack of memory. */
  oomKills(container: SpecSubject): Promise<number | undefined>;
  attach: Stdio['attach'];
  /** Output and input of an exec by its id; to be asked before it is started. */
  attachExec: Stdio['attach'];
  logs(
    id: string,
    options: LogOptions & { readonly driver: string },
    signal: AbortSignal,
  ): AsyncIterable<LogPage>;
  resize(id: string, height: number, width: number): Promise<void>;
  readonly sizes: Sizes;
  resizeExec(container: string, exec: string, height: number, width: number): Promise<void>;
  /** An exec was made, and is likely to be started in a moment: see `ControlGroupsPort`. */
  expectExec(): void;
  /** What `ps` says of the container's processes; throws its complaint. */
  processTable(id: string, psArguments: string): Promise<ProcessTable>;
  /** What it uses now; undefined when it has just ended. */
  usage(subject: UsageSubject): Promise<Usage | undefined>;
  /** Lets go of the neighbours; `idle`: ends those that were started only for us, too. */
  close(idle: boolean): Promise<void>;
}

/** Resolves when containerd and the stdio process answer. Throws what keeps them from it. */
export async function openWorld(options: WorldOptions): Promise<World> {
  await removeOldSpools(spoolDirectoryOf(options));
  const managed = await managedOf(options);
  try {
    return await worldBeside(managed, options);
  } catch (error) {
    // The daemon ends: with it ends what was started for it alone.
    if (error instanceof StartRefused && managed?.adopted === false) await stopManaged(managed);
    throw error;
  }
}

async function worldBeside(
  managed: ManagedContainerd | null,
  options: WorldOptions,
): Promise<World> {
  const address = managed?.address ?? options.containerd ?? '';
  const namespace = options.namespace ?? namespaceOf(options.daemonId);
  const client = await reachContainerd({ address, namespace }, options);
  await claimNamespace(client, options.daemonId, managed !== null, namespace);
  await checkSnapshotter(client, options.snapshotter);
  await dropOldLeases(client, options.leasesInUse);
  await dropLeftRoots(client, options.snapshotter, (id) => options.isRemoved(id));
  const onChange = (change: StdioChange): void => options.onStdio(change);
  const running = await runningOf(client);
  const roots = await rootsOf(options, client, running);
  const { dataRoot } = options;
  const mountsOf = (id: string): Mounted => options.containerOf(id) ?? {};
  const volumes = await openVolumes(dataRoot, hostSystem, running, mountsOf);
  const threads = makeThreads();
  const held = { ...roots, threads, ...volumes };
  const stdio = await connectStdio({ dir: join(options.execRoot, 'stdio'), onChange });
  const network = await networkOf(options);
  const supervision = managed === null ? null : superviseOf(managed, options);
  const forget = watchPresence(client, (away) => options.onContainerd(away));
  const files = containerFilesOf(options, network);
  return {
    effects: effectsOf(options, client, stdio, { ...held, network }),
    network,
    renewNetworkFiles: (container) => renewNetworkFiles(files, container),
    stager: stagerOf(options, client),
    archives: archivesOf(options, client, held, files),
    saveImages: (images, signal) => saveImages(client, images, signal),
    containerd: { address, namespace },
    version: () => client.version(),
    look: async (images, names) => ({
      ...(await lookAround(client, options.snapshotter, images)),
      volumesGone: await volumesGone(dataRoot, hostSystem, names),
    }),
    lookAt: (id) => lookAtContainer(client, id),
    foreign: (id) => foreignRecord(client, id),
    hints: (signal) => containerHints(client, signal),
    oomKills: (container) =>
      readOomKills({ system: hostSystem, host: options.host, cgroupRoot: CGROUP_ROOT }, container),
    sizes: sizesOf(options, client),
    ...streamsOf(options, client, stdio),
    expectExec,
    processTable: async (id, psArguments) =>
      processTable(await client.tasks.listPids(id), psArguments),
    usage: (subject) => usageOf(subject, options.host, CGROUP_ROOT),
    async close(idle) {
      forget();
      await supervision?.stop();
      client.close();
      await network.end();
      if (idle) await stdio.shutdown();
      else stdio.disconnect();
      if (idle && supervision !== null) await stopManaged(supervision.current());
    },
  };
}

/** Not before the answer has left. */
function expectExec(): void {
  void nextTurn().then(() =>
    after(EXPECTED_MS, hostSystem.controlGroups.expectMoves(CGROUP_ROOT), { unref: true }),
  );
}

function managedOf(options: WorldOptions): Promise<ManagedContainerd> | null {
  if (options.containerd !== null) return null;
  const { dataRoot, execRoot, logLevel, log } = options;
  return startManaged({ dataRoot, execRoot, logLevel, log });
}

function superviseOf(managed: ManagedContainerd, options: WorldOptions): Supervision {
  const { dataRoot, execRoot, logLevel, log } = options;
  const onRestarted = ({ pid }: ManagedContainerd): void => options.onContainerdRestarted(pid);
  return supervise(managed, { dataRoot, execRoot, logLevel, log, onRestarted });
}

function sizesOf({ snapshotter, log, unstarted }: WorldOptions, client: Containerd): Sizes {
  return makeSizes(client, snapshotter, (err, said) => log.warn({ err }, said), unstarted);
}

function stagerOf(options: WorldOptions, client: Containerd): ImageStager {
  const spoolDirectory = spoolDirectoryOf(options);
  return makeImageStager({ client, snapshotter: options.snapshotter, spoolDirectory });
}

const spoolDirectoryOf = ({ dataRoot }: WorldOptions): string => join(dataRoot, 'tmp');

/** What is held for runs and copies. */
type Held = Pick<RegistryDeps, 'rootMaker' | 'rootMounts' | 'volumeMounts' | 'subpaths'> & {
  readonly threads: Threads;
};

/** Containers with a run. */
async function runningOf(containerd: Containerd): Promise<readonly string[]> {
  // A task runs on when somebody deletes its record: its root is in use all the same.
  const [records, tasks] = await Promise.all([
    containerd.containers.list(),
    containerd.tasks.list(),
  ]);
  return [...new Set([...records, ...tasks].map(({ id }) => id))];
}

async function rootsOf(
  { dataRoot, execRoot, snapshotter, unstarted, containerOf }: WorldOptions,
  containerd: Containerd,
  running: readonly string[],
): Promise<Pick<Held, 'rootMaker' | 'rootMounts'>> {
  const both = { roots: { dataRoot, execRoot }, system: hostSystem };
  await sweepRoots(both.roots, new Set(running));
  const externalRoot = (id: string): string | undefined => containerOf(id)?.custom?.root;
  const rootMaker = makeRootMaker({ containerd, snapshotter, ...both }, unstarted);
  return { rootMaker, rootMounts: makeRootMounts({ rootMaker, externalRoot, ...both }) };
}

function containerFilesOf(
  { dataRoot, execRoot, host, defaults }: WorldOptions,
  network: NetworkHost,
): ContainerFilesDeps {
  const roots = { dataRoot, execRoot };
  return { system: hostSystem, network, roots, host, hostFiles: readHostFiles, defaults };
}

function archivesOf(
  { snapshotter, containerOf }: WorldOptions,
  containerd: Containerd,
  held: Held,
  files: ContainerFilesDeps,
): Archives {
  const { roots } = files;
  return makeArchives({
    containerd,
    snapshotter,
    roots,
    mountsOf: (id) => containerOf(id) ?? {},
    async filesOf(id) {
      const container = containerOf(id);
      return container === undefined
        ? containerPaths(roots, id)
        : await ensureContainerFiles(files, container);
    },
    externalRoot: (id) => containerOf(id)?.custom?.root,
    ...held,
  });
}

function effectsOf(
  options: WorldOptions,
  containerd: Containerd,
  stdio: Stdio,
  held: Held & { readonly network: NetworkHost },
): RunnableEffects {
  const { dataRoot, execRoot, host, log, defaults, reveal, side, snapshotter } = options;
  const { featuresOf } = options;
  const keep: KeepRoots = (image, call) =>
    keepRoots(held.rootMounts, options.unstarted, image, call);
  const registry = makeRegistry({
    containerd,
    stdio,
    side,
    system: hostSystem,
    roots: { dataRoot, execRoot },
    ...held,
    runs: makeRunMemory(),
    inTurn: makeInTurn(),
    snapshotter,
    secrets: { reveal },
    host,
    defaults,
    featuresOf,
    warn: (err, message) => log.warn({ err }, message),
    bootId: bootId(),
    cgroupRoot: CGROUP_ROOT,
    hostFiles: readHostFiles,
    images: imageHandlers({ client: containerd, snapshotter }, keep),
  });
  return runnableEffects(registry, (type, err) => log.error({ type, err }, 'bug in a handler'));
}

async function networkOf({ execRoot, network, log }: WorldOptions): Promise<NetworkHost> {
  const directory = join(execRoot, 'network');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await IpTool.clear(directory);
  const { prefix, rules, plans } = network;
  const deps = { prefix, directory, ...rules, log };
  const names = makeNames({ log, hostServers: () => hostServers(readHostFiles()) });
  return new NetworkHost({ deps, firewall: makeFirewall(deps), names, plans });
}

function streamsOf(
  options: WorldOptions,
  containerd: Containerd,
  stdio: Stdio,
): Pick<World, 'attach' | 'attachExec' | 'logs' | 'resize' | 'resizeExec'> {
  const { dataRoot, execRoot } = options;
  return {
    attach: (id, wants) => stdio.attach(id, wants),
    attachExec: (id, wants) => stdio.attach(stdioKey(id), wants),
    logs: (id, { driver, ...asked }, signal) => {
      const paths = containerPaths({ dataRoot, execRoot }, id);
      const file: Pick<LogRequest, 'path' | 'driver'> =
        driver === 'local'
          ? { driver, path: paths.local }
          : { driver: 'json-file', path: paths.log };
      return readLogs({ ...file, options: asked, signal, watch: stdio.watch(id, signal) });
    },
    resize: (id, height, width) => containerd.tasks.resizePty({ containerId: id, width, height }),
    resizeExec: (containerId, execId, height, width) =>
      containerd.tasks.resizePty({ containerId, execId, width, height }),
  };
}
