/**
 * A real containerd in a temporary directory, an image of busybox in it, and the handlers on top:
 * for the specs of this folder. `close` ends and removes all of it.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerConfig } from '../../machines/container.config.ts';
import type { ContainerContext } from '../../machines/container.context.ts';
import type { EffectData, EffectParams, HandledEffectType } from '../../machines/effects.ts';
import type { NetworkConfig } from '../../machines/network.config.ts';
import { bridgeName, namesOf } from '../../machines/network.names.ts';
import type { JsonObject } from '../../machines/words.ts';
import { plansOf } from '../../main/plans.ts';
import { openSideTable } from '../../store/sideTable.ts';
import { makeThreads } from '../archive/threads.ts';
import { type Containerd, connectContainerd } from '../containerd/client.ts';
import { startManaged, stopManaged } from '../containerd/managed.ts';
import type { Registry, SubjectOf } from '../handler.ts';
import { CGROUP_ROOT, hostFacts } from '../host/facts.ts';
import { imageHandlers } from '../images/handlers.ts';
import { NetworkHost, noFirewall, noNames } from '../network/networkHost.ts';
import { makeRegistry } from '../registry.ts';
import { DEFAULT_RUNTIME, runtimeTable } from '../runtimes/table.ts';
import { DEFAULTS, plainConfig, plainHostConfig } from '../spec/fixture.ts';
import { connectStdio } from '../stdio/client.ts';
import { nowNs } from '../system/clock.ts';
import { containerId, randomHex } from '../system/ids.ts';
import { codeOf } from '../system/libc.ts';
import { mountPoints } from '../system/mounts.ts';
import { bootId } from '../system/process.ts';
import { openVolumes } from '../volumes/open.ts';
import type { ContainerDeps } from './deps.ts';
import { hostSystem } from './hostSystem.ts';
import { makeInTurn } from './inTurn.ts';
import { readHostFiles } from './networkFiles.ts';
import type { Roots } from './paths.ts';
import { makeRootMaker } from './rootMaker.ts';
import { mountOnce, unmountAll } from './rootMount.ts';
import { makeRootMounts } from './rootMounts.ts';
import { makeRunMemory } from './runMemory.ts';

const CHAIN_ID = 'sha256:'.padEnd(71, '5');
const SNAPSHOTTER = 'overlayfs';
const APPLETS = [
  'sh',
  'true',
  'false',
  'test',
  'touch',
  'sleep',
  'id',
  'cat',
  'pwd',
  'hostname',
  'env',
  'ls',
  'stty',
];

const RULES = { firewall6: false, forwarding: true, proxy: true } as const;

export interface World {
  readonly deps: ContainerDeps;
  readonly directory: string;
  readonly registry: Registry;
  readonly networks: TestNetworks;
  /** A container as its actor would know it, in its first run. */
  context(config?: Partial<ContainerConfig>, hostConfig?: JsonObject): ContainerContext;
  /** Runs a handler as the agenda would. */
  run<T extends HandledEffectType>(
    type: T,
    subject: SubjectOf<T>,
    params: EffectParams[T],
    /** Default: aborted after a minute. */
    signal?: AbortSignal,
  ): Promise<EffectData[T]>;
  /** Everything in the world that belongs to the container: empty when it was erased. */
  traces(id: string): Promise<readonly string[]>;
  /** Ends containerd, runs the body, and starts containerd again; containers run on. */
  restart(body: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

const silent = { info: (): void => undefined, warn: (): void => undefined };
const secrets = new Map([['secret-digest', 'secret value']]);

export async function makeWorld(): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'shw-'));
  const roots = { dataRoot: join(directory, 'd'), execRoot: join(directory, 'x') };
  const start = () => startManaged({ ...roots, logLevel: 'warn', log: silent });
  let managed = await start();
  const namespace = `t${randomHex(4)}`;
  const containerd = connectContainerd({ address: managed.address, namespace });
  await containerd.whenConnected(10_000);
  await makeImage(containerd, join(directory, 'image'));
  const stdio = await connectStdio({ dir: join(roots.execRoot, 'stdio') });
  const networks = makeNetworks();
  const network = networkIn(directory, networks);
  const deps: ContainerDeps = {
    containerd,
    stdio,
    side: openSideTable({
      path: join(directory, 'side.db'),
      clock: { nowNs },
      position: () => 0,
      failed: (error) => console.error(error),
    }),
    network,
    system: hostSystem,
    roots,
    ...rootsIn(containerd, roots),
    runs: makeRunMemory(),
    inTurn: makeInTurn(),
    ...(await openVolumes(roots.dataRoot, hostSystem, [], () => ({}))),
    threads: makeThreads(),
    featuresOf: () => '{"mountOptions":["rro"]}',
    snapshotter: SNAPSHOTTER,
    secrets: {
      reveal: (digests) => new Map([...secrets].filter(([key]) => digests.includes(key))),
    },
    host: hostFacts(),
    defaults: () => ({ ...DEFAULTS, seccomp: { kind: 'builtin' }, init: false, initPath: null }),
    warn: (error, message) => console.error(message, error),
    bootId: bootId(),
    cgroupRoot: CGROUP_ROOT,
    hostFiles: readHostFiles,
  };
  return {
    deps,
    directory,
    registry: registryOf(deps),
    networks,
    context: (config, hostConfig) => contextOf(deps, config, hostConfig),
    run: runner(deps),
    traces: (id) => traces(deps, id),
    async restart(body) {
      await stopManaged(managed);
      await body();
      managed = await start();
      await containerd.whenConnected(10_000);
    },
    async close() {
      await endEverything(deps);
      containerd.close();
      await network.sync({ networks: [], sandboxes: [] });
      await network.end();
      await stdio.shutdown();
      await stopManaged(managed);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface TestNetworks {
  /** What names of ours in the host begin with. */
  readonly prefix: string;
  /** Another one, with a subnet of its own. */
  add(): NetworkConfig;
  get(id: string): NetworkConfig | undefined;
}

function makeNetworks(): TestNetworks {
  const prefix = namesOf(randomHex(16));
  const known = new Map<string, NetworkConfig>();
  const [second, third] = [1, 1].map(() => Number.parseInt(randomHex(1), 16));
  return {
    prefix,
    get: (id) => known.get(id),
    add() {
      const id = containerId();
      const part = `10.${second}.${third}.${known.size * 8}`;
      const gateway = `10.${second}.${third}.${known.size * 8 + 1}`;
      const config: NetworkConfig = {
        id,
        name: `n${id.slice(0, 8)}`,
        driver: 'bridge',
        predefined: false,
        enableIPv6: false,
        internal: false,
        attachable: false,
        pools: [{ subnet: `${part}/29`, ipRange: null, gateway, auxiliary: {}, chosen: true }],
        ipam: { Driver: 'default', Options: null },
        options: {},
        labels: {},
        bridge: bridgeName(prefix, id),
        hostIPv6: false,
      };
      known.set(id, config);
      return config;
    },
  };
}

/** Without rules and names. */
function networkIn(directory: string, { prefix, get }: TestNetworks): NetworkHost {
  const path = join(directory, 'network');
  mkdirSync(path);
  const deps = { prefix, directory: path, firewall: false, ...RULES, log: silent };
  const plans = plansOf(prefix, get);
  return new NetworkHost({ deps, firewall: noFirewall, names: noNames, plans });
}

/** A committed snapshot under the name that an unpacked image would have. */
async function makeImage(containerd: Containerd, root: string): Promise<void> {
  await containerd.leases.create('test-image');
  const options = { lease: 'test-image' };
  const key = 'test-image-key';
  const mounts = await containerd.snapshots.prepare(
    { snapshotter: SNAPSHOTTER, key, parent: '' },
    options,
  );
  await mountOnce(hostSystem, root, mounts);
  for (const name of ['bin', 'etc', 'tmp']) mkdirSync(join(root, name));
  chmodSync(root, 0o755);
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  for (const applet of APPLETS) symlinkSync('busybox', join(root, 'bin', applet));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:::/bin/sh\nnobody:x:65534:65533:::/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65533:\ntape:x:26:nobody\n');
  await unmountAll(hostSystem, root);
  await containerd.snapshots.commit({ snapshotter: SNAPSHOTTER, key, name: CHAIN_ID }, options);
}

const IMAGE = { id: `sha256:${'a'.repeat(64)}`, chainId: CHAIN_ID };

function contextOf(
  deps: ContainerDeps,
  config: Partial<ContainerConfig> = {},
  hostConfig: JsonObject = {},
): ContainerContext {
  const id = containerId();
  const settings = {
    execRoot: deps.roots.execRoot,
    cgroupDriver: deps.host.cgroup.driver,
    wrappers: `${deps.roots.dataRoot}/runtimes`,
    noPivotRoot: false,
  };
  const { byName } = runtimeTable({}, DEFAULT_RUNTIME, settings);
  return {
    id,
    name: `n${id.slice(0, 8)}`,
    image: IMAGE,
    config: { ...plainConfig(config), Hostname: id.slice(0, 12) },
    hostConfig: plainHostConfig(hostConfig),
    env: [{ name: 'SECRET', digest: 'secret-digest' }],
    platform: 'linux',
    run: 1,
    runtime: byName.get(DEFAULT_RUNTIME)?.locked ?? null,
    pid: 0,
    signals: 0,
    everStarted: false,
    restarting: false,
    stuckIn: null,
    asked: null,
    restartWith: null,
    lastExit: null,
    lastFailure: null,
    restartCount: 0,
    backoffMs: 0,
    startedAtNs: null,
    policyCancelled: false,
    removal: null,
  };
}

/** All containers of this world are of one image, and none of them ever ran. */
function rootsIn(containerd: Containerd, roots: Roots) {
  const both = { roots, system: hostSystem };
  const unstarted = { imageOf: () => IMAGE, madeOf: () => [], follow: () => undefined };
  const rootMaker = makeRootMaker({ containerd, snapshotter: SNAPSHOTTER, ...both }, unstarted);
  return {
    rootMaker,
    rootMounts: makeRootMounts({ rootMaker, ...both, externalRoot: () => undefined }),
  };
}

function registryOf(deps: ContainerDeps): Registry {
  const { containerd: client, snapshotter } = deps;
  const images = imageHandlers({ client, snapshotter }, async () => undefined);
  return makeRegistry({ ...deps, images });
}

function runner(deps: ContainerDeps): World['run'] {
  const registry = registryOf(deps);
  return (type, subject, params, signal = AbortSignal.timeout(60_000)) =>
    registry[type].do({ params, subject, signal });
}

async function traces(deps: ContainerDeps, id: string): Promise<readonly string[]> {
  const { containerd, snapshotter } = deps;
  const records = (await containerd.containers.list()).map((record) => `record ${record.id}`);
  const tasks = (await containerd.tasks.list()).map((task) => `task ${task.id}`);
  const leases = (await containerd.leases.list()).map((lease) => `lease ${lease.id}`);
  const snapshots = await containerd.snapshots.list(snapshotter);
  const names = snapshots.map((snapshot) => `snapshot ${snapshot.name}`);
  const mounts = mountPoints().map((path) => `mount ${path}`);
  const files = await filesOf(deps);
  const groups = groupsOf(id).map((path) => `control group ${path}`);
  return [...records, ...tasks, ...leases, ...names, ...mounts, ...files, ...groups].filter(
    (trace) => trace.includes(id),
  );
}

/** Its control group, in each hierarchy. */
export function groupsOf(id: string): readonly string[] {
  const tops = [CGROUP_ROOT, ...readdirSync(CGROUP_ROOT).map((name) => join(CGROUP_ROOT, name))];
  return tops.map((top) => join(top, 'shiplog', id)).filter((path) => existsSync(path));
}

async function filesOf(deps: ContainerDeps): Promise<readonly string[]> {
  const { dataRoot, execRoot } = deps.roots;
  const found = await Promise.all([dataRoot, execRoot].map(namesBelow));
  return found
    .flat()
    .filter((path) => !path.startsWith('containerd/'))
    .map((path) => `file ${path}`);
}

/** A spec that failed must not leave processes and mounts behind. */
async function endEverything(deps: ContainerDeps): Promise<void> {
  const run = runner(deps);
  for (const record of await deps.containerd.containers.list()) {
    const number = Number(record.labels['shiplog.run']);
    const subject = { ...contextOf(deps), id: record.id, run: number };
    await run('container.erase', subject, { id: record.id });
  }
  const rootsDirectory = join(deps.roots.execRoot, 'roots');
  for (const path of mountPoints().filter((each) => each.startsWith(rootsDirectory))) {
    await unmountAll(hostSystem, path);
  }
}

/** The collector may be taking a directory away while it is read: then it is read again. */
async function namesBelow(root: string): Promise<string[]> {
  for (let left = 10; ; left -= 1) {
    try {
      return await readdir(root, { recursive: true });
    } catch (error) {
      if (left === 0 || codeOf(error) !== 'ENOENT') throw error;
    }
  }
}
