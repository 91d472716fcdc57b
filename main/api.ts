/** What the facade asks for, answered by the rooms: ports, info, and the sockets it listens on. */
import { passCommand } from '../actors/gate.ts';
import { withEnvironment } from '../api/images/environment.ts';
import type { RequestRecord } from '../api/options.ts';
import type {
  ApiPorts,
  Archives,
  DaemonInfo,
  LoggedFact,
  Peer,
  SideEvent,
  Streams,
} from '../api/ports.ts';
import { logReader, sideReader } from '../api/readers.ts';
import { type ApiServer, createApi, watchRoutes } from '../api/server.ts';
import type { Options } from '../cli/options.ts';
import { limitWarnings } from '../effects/host/limits.ts';
import { resolveRuntime } from '../effects/runtimes/resolve.ts';
import { availableCapabilities, KNOWN } from '../effects/spec/capabilities.ts';
import { nowNs, sleep } from '../effects/system/clock.ts';
import { randomHex } from '../effects/system/ids.ts';
import { executableOf, peerCredentials } from '../effects/system/peer.ts';
import { clearSocket, permitSocket } from '../effects/system/socket.ts';
import { StartRefused } from '../effects/system/startRefused.ts';
import { closeWhenGone } from '../effects/system/vanished.ts';
import { containerFamily } from '../machines/container.family.ts';
import { deadlineOf, needsRuntime } from '../machines/container.rules.ts';
import { daemonFamily } from '../machines/daemon.family.ts';
import { openEventLookup } from '../projections/containerHistory.ts';
import { CONTAINER_ANSWERS_FOLD, openContainerQueries } from '../projections/containerQueries.ts';
import { dockerEvents, sideEvents } from '../projections/dockerEvents.ts';
import { openExecQueries } from '../projections/execs.ts';
import { openImageQueries } from '../projections/images.ts';
import { memoByPosition } from '../projections/memo.ts';
import type { ContainerQueries } from '../projections/views.ts';
import type { OpenedLog } from '../store/log.ts';
import { type Daemon, VERSION, worldOf } from './daemon.ts';
import { imageStore } from './images.ts';
import { nativePorts } from './native.ts';
import { networkPorts } from './networks.ts';
import type { Reload } from './reload.ts';
import type { Runtimes } from './runtimes.ts';
import { volumePorts } from './volumes.ts';

const MOST_WARNINGS = 20;
const UNKNOWN_CALLERS = 'who asks can not be told: the kernel gave no peer of a connection';

/** What an actor was stopped for is said of it; here is the rest. */
function damageWarnings(log: OpenedLog): readonly string[] {
  const facts = log.damage().filter(({ table }) => table === 'facts');
  const said = facts
    .slice(0, MOST_WARNINGS)
    .map(({ row, stream }) => `WARNING: fact ${row} of ${stream} can not be read and is left out`);
  const more = facts.length - said.length;
  return more > 0 ? [...said, `WARNING: and ${more} further facts`] : said;
}

/** A fact of the daemon's own that a caller is the cause of. */
const RECORDS = { family: daemonFamily, needsRuntime: () => false, deadlineMs: () => 10_000 };

function runtimeViews({ table, features }: Runtimes): DaemonInfo['runtimes'] {
  return [...table.byName].map(([name, { path, arguments: args }]) => ({
    name,
    path,
    arguments: args,
    features: features.get(name) ?? null,
  }));
}

function shownDefaults({ defaults }: Options): DaemonInfo['defaults'] {
  const {
    ipcMode,
    cgroupnsMode,
    shmSize,
    stopTimeout,
    noNewPrivileges,
    seccomp,
    initPath,
    cgroupParent,
    logDriver,
    logOptions,
  } = defaults;
  const seccompProfile = seccomp.kind === 'file' ? seccomp.path : seccomp.kind;
  const initBinary = initPath ?? 'docker-init';
  const namespaces = { ipcMode, cgroupnsMode, shmSize, cgroupParent, stopTimeout };
  const logConfig = { type: logDriver, options: logOptions };
  return { ...namespaces, noNewPrivileges, seccompProfile, initBinary, logConfig };
}

/** Said when somebody asks for them: the daemon's info itself is looked at by every request. */
function warningsNow({ host, limits, log, condition }: Daemon): readonly string[] {
  const { stopped, reconciled } = condition;
  return [
    ...limitWarnings(limits, host.cgroup.version),
    ...(condition.callersUnknown ? [`WARNING: ${UNKNOWN_CALLERS}`] : []),
    ...(condition.witness === null ? [] : [`WARNING: ${condition.witness}`]),
    ...(condition.ready ? [] : ['WARNING: the first reconcile is not over yet']),
    ...(reconciled?.differences ?? []).map(
      ({ sentence }) => `WARNING: when last compared: ${sentence}`,
    ),
    ...[...stopped].map(([stream, reason]) => `WARNING: ${stream} was stopped: ${reason}`),
    ...damageWarnings(log),
  ];
}

function daemonInfo(daemon: Daemon): DaemonInfo {
  const { options, runtimes, host, limits, log, condition } = daemon;
  const { world, awaySinceNs, containerdVersion, runc } = condition;
  return {
    id: log.logId,
    name: host.hostname,
    version: VERSION,
    gitCommit: '',
    dataRoot: options.dataRoot,
    execRoot: options.execRoot,
    debug: options.debug,
    labels: options.labels,
    network: { pools: options.network.addressPools, firewall: options.network.iptables },
    snapshotter: options.snapshotter,
    containerd: {
      address: world?.containerd.address ?? '',
      namespace: world?.containerd.namespace ?? '',
      ...containerdVersion,
      awaySinceNs,
    },
    runc,
    defaults: shownDefaults(options),
    capabilities: { known: KNOWN, available: availableCapabilities(host.capabilities) },
    appArmor: host.appArmor.active,
    limits,
    cgroup: { driver: host.cgroup.driver, version: host.cgroup.version === 1 ? '1' : '2' },
    host: { ...host, startedNs: 0n },
    runtimes: runtimeViews(runtimes),
    defaultRuntime: runtimes.table.defaultRuntime,
    get warnings() {
      return warningsNow(daemon);
    },
  };
}

/** The process may have ended by now, or be another one's: what it runs is not always known. */
function peerOf({ condition }: Daemon, fd: number): Peer | undefined {
  const credentials = peerCredentials(fd);
  condition.callersUnknown ||= credentials === undefined;
  if (credentials === undefined) return undefined;
  const executable = executableOf(credentials.pid);
  return executable === undefined ? credentials : { ...credentials, executable };
}

function archives({ condition }: Daemon): Archives {
  return {
    stat: (...asked) => worldOf(condition).archives.stat(...asked),
    copyOut: (...asked) => worldOf(condition).archives.copyOut(...asked),
    copyIn: (...asked) => worldOf(condition).archives.copyIn(...asked),
    export: (...asked) => worldOf(condition).archives.export(...asked),
    changes: (...asked) => worldOf(condition).archives.changes(...asked),
  };
}

/** One container at a time is asked for often; lists are folded anew. */
function remembered({ views }: OpenedLog, queries: ContainerQueries): ContainerQueries {
  const memo = memoByPosition(() => views(CONTAINER_ANSWERS_FOLD));
  return { ...queries, get: memo.of(queries.get), resolve: memo.of(queries.resolve) };
}

function apiPorts(daemon: Daemon, reload: Reload): ApiPorts {
  const { log, gate, condition, metrics, subscribers } = daemon;
  const memo = memoByPosition(() => log.views());
  const containers = remembered(log, openContainerQueries(log.reader));
  const execs = openExecQueries(log.reader);
  const images = withEnvironment(openImageQueries(log.reader), log);
  const streams: Streams = {
    attach: (id, wants) => worldOf(condition).attach(id, wants),
    attachExec: (id, wants) => worldOf(condition).attachExec(id, wants),
    logs: (...asked) => worldOf(condition).logs(...asked),
    resize: (...size) => worldOf(condition).resize(...size),
    resizeExec: (...size) => worldOf(condition).resizeExec(...size),
  };
  const rules = { family: containerFamily, needsRuntime, deadlineMs: deadlineOf };
  return {
    commands: { submit: (command, request) => passCommand(gate, rules, command, request) },
    containers,
    networks: networkPorts(daemon),
    images,
    execs: { ...execs, idsOf: memo.of(execs.idsOf) },
    log: logReader(log),
    side: sideReader(daemon.side),
    tell: (event) => daemon.side.note(event),
    streams,
    archives: archives(daemon),
    processes: {
      expectExec: () => condition.world?.expectExec(),
      table: (id, psArguments) => worldOf(condition).processTable(id, psArguments),
      usage: (container) => worldOf(condition).usage(container),
    },
    imageStore: imageStore(daemon),
    volumes: volumePorts(daemon),
    sizes: {
      // Before containerd answers for the first time no size is known.
      written: async (ids) => (await condition.world?.sizes.written(ids)) ?? new Map(),
    },
    secrets: log,
    daemon: {
      info: () => daemonInfo(daemon),
      ready: () => condition.ready,
      whenReady: gate.whenReady,
    },
    ambient: { nowNs, randomHex },
    metrics,
    subscribers,
    pruned: async (what, reclaimed, request) => {
      const fact = { type: 'daemon.pruned', data: { what, reclaimed } } as const;
      await passCommand(gate, RECORDS, { type: 'record', fact }, request);
    },
    native: nativePorts(daemon, memo, reload),
    runtime: (name) => resolveRuntime(name, daemon.runtimes.table),
    closeWhenGone,
    peer: (fd) => peerOf(daemon, fd),
  };
}

export async function listen(daemon: Daemon, reload: Reload): Promise<ApiServer> {
  const ports = apiPorts(daemon, reload);
  const lookup = openEventLookup(daemon.log.reader, ports.containers, ports.images);
  const options = {
    dockerEvents: (fact: LoggedFact) => dockerEvents(fact, lookup),
    sideEvents: (event: SideEvent) => sideEvents(event, lookup),
    sleep,
    log: (line: RequestRecord) => daemon.journal.debug(line, 'request'),
  };
  const api = createApi(ports, options);
  for (const host of daemon.options.hosts) {
    if (host.kind === 'tcp') {
      await api.listen({ host: host.address, port: host.port });
      continue;
    }
    await clearSocket(host.path);
    await api.listen({ path: host.path });
    if (!permitSocket(host.path, daemon.options.group))
      daemon.journal.warn({ path: host.path }, 'no group docker: only root may use the socket');
  }
  const { metricsAddress } = daemon.options;
  if (metricsAddress === null) return api;
  const watched = createApi(ports, options, watchRoutes);
  const address = await watched.listen(metricsAddress).catch((error: NodeJS.ErrnoException) => {
    throw new StartRefused(`can not serve metrics: ${error.message}`);
  });
  daemon.journal.info({ address }, 'metrics');
  return {
    ...api,
    refuse() {
      api.refuse();
      watched.refuse();
    },
    close: async () => void (await Promise.all([api.close(), watched.close()])),
  };
}
