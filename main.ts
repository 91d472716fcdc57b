/**
 * The daemon: plugs the rooms together and boots them in the order of docs/architecture.md.
 * Nothing of what can happen to a container is here; whoever looks for that starts in machines/.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Subject } from 'rxjs';
import type { CommandResult } from './actors/actor.ts';
import { type GatePorts, passCommand } from './actors/gate.ts';
import { reconcile } from './actors/reconcile.ts';
import { RefusalRecorder } from './actors/refusals.ts';
import { untilItWorks } from './actors/retry.ts';
import { ActorSystem } from './actors/system.ts';
import { createImageLoader } from './api/images/loader.ts';
import type { ApiPorts, DaemonInfo, ImageLoader, LogReader, Streams } from './api/ports.ts';
import { type ApiServer, createApi } from './api/server.ts';
import { onEndSignals } from './cli/endSignals.ts';
import { failpoint } from './cli/failpoint.ts';
import { printHost } from './cli/host.ts';
import { openJournal } from './cli/journal.ts';
import { OptionError } from './cli/optionError.ts';
import { HELP, type Options, parseOptions } from './cli/options.ts';
import { writePidfile } from './cli/pidfile.ts';
import { readText } from './cli/readText.ts';
import { type Host, hostFacts, runtimeVersion } from './effects/host/facts.ts';
import { DEFAULT_RUNTIME, resolveRuntime, STOCK_RUNTIMES } from './effects/runtimes/resolve.ts';
import { after, everyMs, monotonicMs, nowNs, sleep } from './effects/system/clock.ts';
import { lock } from './effects/system/flock.ts';
import { randomFraction, randomHex } from './effects/system/ids.ts';
import { peerCredentials } from './effects/system/peer.ts';
import { bootId } from './effects/system/process.ts';
import { clearSocket, permitSocket } from './effects/system/socket.ts';
import { StartRefused } from './effects/system/startRefused.ts';
import { within } from './effects/system/within.ts';
import { openWorld, SNAPSHOTTER, type World } from './effects/world.ts';
import { containerFamily } from './machines/container.family.ts';
import { deadlineOf, needsRuntime } from './machines/container.rules.ts';
import { livingTasks, observationsOf } from './machines/container.seen.ts';
import type { DaemonFact } from './machines/daemon.facts.ts';
import { daemonFamily } from './machines/daemon.family.ts';
import { imageFamily } from './machines/image.family.ts';
import { PROJECTIONS } from './projections/all.ts';
import { openEventLookup } from './projections/containerHistory.ts';
import { openContainerQueries } from './projections/containerQueries.ts';
import { dockerEvents } from './projections/dockerEvents.ts';
import { openExecQueries } from './projections/execs.ts';
import { openImageQueries } from './projections/images.ts';
import { type OpenedLog, openLog } from './store/log.ts';

const VERSION: string = JSON.parse(
  readFileSync(join(import.meta.dirname, 'package.json'), 'utf8'),
).version;
/** Checkpoints are made outside of the appends, so that none of them pays for it. */
const CHECKPOINT_MS = 5_000;
const TIME = { nowNs, after, random: randomFraction };
const LOAD_MS = 120_000;
/** Longer than an exit waits for the rest of its output. */
const EXITS_MS = 5_000;

/** What changes while the daemon runs, beside the log. */
interface Condition {
  world: World | null;
  ready: boolean;
  /** Decimal nanoseconds since when containerd is away; null while it is there. */
  awaySinceNs: string | null;
  containerdVersion: { version: string; revision: string };
  runc: { version: string; commit: string };
  /** Streams of actors that a bug stopped. */
  readonly stopped: Map<string, string>;
}

interface Daemon {
  readonly options: Options;
  readonly journal: Logger;
  readonly host: Host;
  readonly log: OpenedLog;
  readonly system: ActorSystem;
  readonly gate: GatePorts;
  readonly condition: Condition;
  readonly becameReady: PromiseWithResolvers<void>;
}

function worldOf({ world }: Condition): World {
  if (world === null) throw new Error('the world is not open yet');
  return world;
}

function createDaemon(options: Options, journal: Logger): Daemon {
  const { dataRoot } = options;
  const log = openLog({
    path: join(dataRoot, 'log.db'),
    clock: { nowNs },
    projections: PROJECTIONS,
    newLogId: () => randomHex(16),
  });
  const condition: Condition = {
    world: null,
    ready: false,
    awaySinceNs: null,
    containerdVersion: { version: '', revision: '' },
    runc: { version: '', commit: '' },
    stopped: new Map(),
  };
  const system = new ActorSystem({
    log,
    time: TIME,
    journal,
    families: [containerFamily, imageFamily, daemonFamily],
    effects: {
      policy: (type) => worldOf(condition).effects.policy(type),
      run: (...effect) => worldOf(condition).effects.run(...effect),
    },
    probe: failpoint(process.env['SHIPLOG_FAILPOINT'], journal),
    stopped(stream, position, reason) {
      condition.stopped.set(stream, reason);
      record(system, { type: 'daemon.actor-stopped', data: { stream, position, reason } });
    },
    recovered: (stream) => void condition.stopped.delete(stream),
  });
  const becameReady = Promise.withResolvers<void>();
  const refusals = new RefusalRecorder(TIME, (refused) =>
    record(system, { type: 'daemon.commands-refused', data: { refused } }),
  );
  const gate: GatePorts = {
    system,
    refusals,
    journal,
    whenReady: (ms) => within(becameReady.promise, ms),
    runtimeAwaySince: () => condition.awaySinceNs,
    monotonicMs,
  };
  return { options, journal, host: hostFacts(), log, system, gate, condition, becameReady };
}

/** A fact of the daemon's own stream. */
function record(system: ActorSystem, fact: DaemonFact): Promise<CommandResult> {
  const origin = { request: '', caller: { kind: 'daemon' as const }, deadlineMs: null };
  return system.submit(daemonFamily, { type: 'record', fact }, origin);
}

function logReader(log: OpenedLog): LogReader {
  const head$ = new Subject<number>();
  log.onCommit((facts) => head$.next(facts.at(-1)?.position ?? log.head().position));
  return {
    head: () => log.head().position,
    read: (position, limit) => log.read(position, limit) as ReturnType<LogReader['read']>,
    positionAt: (ns) => log.positionAt(ns),
    head$,
  };
}

function imageLoader({ gate, condition }: Daemon): ImageLoader {
  const rules = { family: imageFamily, needsRuntime: () => true, deadlineMs: () => LOAD_MS };
  return createImageLoader({
    stage: (archive) => worldOf(condition).stager.stage(archive),
    discard: (lease) => worldOf(condition).stager.discard(lease),
    submit: (command, request) => passCommand(gate, rules, command, request),
  });
}

function daemonInfo({ options, host, log, condition }: Daemon): DaemonInfo {
  const { world, awaySinceNs, containerdVersion, runc, stopped } = condition;
  return {
    id: log.logId,
    name: host.hostname,
    version: VERSION,
    gitCommit: '',
    dataRoot: options.dataRoot,
    execRoot: options.execRoot,
    debug: options.debug,
    labels: options.labels,
    snapshotter: SNAPSHOTTER,
    containerd: {
      address: world?.containerd.address ?? '',
      namespace: world?.containerd.namespace ?? '',
      ...containerdVersion,
      awaySinceNs,
    },
    runc,
    cgroup: { driver: host.cgroup.driver, version: host.cgroup.version === 1 ? '1' : '2' },
    host: { ...host, startedNs: 0n },
    runtimes: STOCK_RUNTIMES,
    defaultRuntime: DEFAULT_RUNTIME,
    warnings: [
      ...(condition.ready ? [] : ['WARNING: the first reconcile is not over yet']),
      ...[...stopped].map(([stream, reason]) => `WARNING: ${stream} was stopped: ${reason}`),
    ],
  };
}

function apiPorts(daemon: Daemon): ApiPorts {
  const { log, gate, condition, options, host } = daemon;
  const containers = openContainerQueries(log.reader);
  const images = openImageQueries(log.reader);
  const streams: Streams = {
    attach: (id, wants) => worldOf(condition).attach(id, wants),
    attachExec: (id, wants) => worldOf(condition).attachExec(id, wants),
    logs: (...asked) => worldOf(condition).logs(...asked),
    resize: (...size) => worldOf(condition).resize(...size),
  };
  const rules = { family: containerFamily, needsRuntime, deadlineMs: deadlineOf };
  return {
    commands: { submit: (command, request) => passCommand(gate, rules, command, request) },
    containers,
    images,
    execs: openExecQueries(log.reader),
    log: logReader(log),
    streams,
    imageLoader: imageLoader(daemon),
    secrets: log,
    daemon: {
      info: () => daemonInfo(daemon),
      ready: () => condition.ready,
      whenReady: gate.whenReady,
    },
    ambient: { nowNs, randomHex },
    runtime: (name) =>
      resolveRuntime(name, { execRoot: options.execRoot, cgroupDriver: host.cgroup.driver }),
    peer: peerCredentials,
  };
}

async function listen(daemon: Daemon): Promise<ApiServer> {
  const ports = apiPorts(daemon);
  const lookup = openEventLookup(daemon.log.reader, ports.containers, ports.images);
  const api = createApi(ports, {
    dockerEvents: (fact) => dockerEvents(fact, lookup),
    sleep,
    log: (line) => daemon.journal.debug(line, 'request'),
  });
  for (const host of daemon.options.hosts) {
    if (host.kind === 'tcp') {
      await api.listen({ host: host.address, port: host.port });
      continue;
    }
    await clearSocket(host.path);
    await api.listen({ path: host.path });
    permitSocket(host.path, daemon.options.group);
  }
  return api;
}

async function connectAndLook(daemon: Daemon): Promise<ReadonlySet<string>> {
  if (daemon.condition.world === null) await connect(daemon);
  return lookAround(daemon);
}

/** Queries go on without it; only what a person has to change ends the daemon. */
function containerdMissing({ condition, journal }: Daemon, error: unknown): void {
  if (error instanceof StartRefused) throw error;
  condition.awaySinceNs ??= String(nowNs());
  journal.warn({ err: error }, 'containerd can not be reached, trying again');
}

async function connect(daemon: Daemon): Promise<void> {
  const { options, journal, host, log, condition, system } = daemon;
  const { dataRoot, execRoot, containerd, logLevel } = options;
  const world = await openWorld({
    dataRoot,
    execRoot,
    containerd,
    logLevel,
    host,
    log: journal,
    daemonId: log.logId,
    reveal: (digests) => log.reveal(digests),
    onContainerd: (lost) => void containerdChanged(daemon, lost),
  });
  condition.world = world;
  condition.runc = await runtimeVersion('runc');
  condition.containerdVersion = await world.version();
  const { version } = condition.containerdVersion;
  const { address } = world.containerd;
  await record(system, { type: 'daemon.containerd-connected', data: { version, address } });
}

/**
 * Away: commands that need it are refused with since when. Back: look at what is so, then go on.
 */
async function containerdChanged(daemon: Daemon, lost: string | null): Promise<void> {
  const { condition, system, journal } = daemon;
  if (lost !== null) {
    condition.awaySinceNs = String(nowNs());
    journal.warn({ reason: lost }, 'containerd is away');
    await record(system, { type: 'daemon.containerd-lost', data: { message: lost } });
    return;
  }
  try {
    const world = worldOf(condition);
    condition.containerdVersion = await world.version();
    const { version } = condition.containerdVersion;
    const { address } = world.containerd;
    await record(system, { type: 'daemon.containerd-connected', data: { version, address } });
    await lookAround(daemon);
    condition.awaySinceNs = null;
    journal.info({ version }, 'containerd is back');
    system.wake();
  } catch (err) {
    journal.warn({ err }, 'containerd went away again while it was asked');
  }
}

/** @returns streams of the tasks that live */
async function lookAround({ condition, log, system, journal }: Daemon) {
  const world = worldOf(condition);
  const { runs, unknownTasks } = await world.look();
  const result = await reconcile(
    { look: async () => ({ seen: observationsOf(runs), unknown: unknownTasks }) },
    (stream) => log.state(stream) !== undefined,
    ({ stream, observation }) => system.observe(stream, observation),
  );
  for (const difference of result.differences) journal.warn({ difference }, 'reconcile');
  await record(system, { type: 'daemon.reconciled', data: result });
  return livingTasks(runs);
}

/** What ended while no daemon was there is on record before anybody is told that it runs. */
async function recordExits({ log, system, journal }: Daemon, living: ReadonlySet<string>) {
  const waits = log.agenda().filter(({ type, stream }) => {
    return type === 'task.await-exit' && !living.has(stream);
  });
  const ended = waits.map(({ id }) => id);
  if (await within(system.closed(ended), EXITS_MS)) return;
  journal.warn({ ended: ended.length }, 'not all exits could be read yet');
}

async function boot(options: Options, journal: Logger): Promise<void> {
  const { dataRoot, execRoot, pidfile } = options;
  mkdirSync(dataRoot, { recursive: true, mode: 0o711 });
  mkdirSync(execRoot, { recursive: true, mode: 0o711 });
  for (const dir of new Set([dataRoot, execRoot])) {
    if (lock(join(dir, 'lock')).kind === 'held') {
      throw new StartRefused(`another daemon is using ${dir}`);
    }
  }
  const daemon = createDaemon(options, journal);
  const { system, condition, log } = daemon;
  system.load();
  const api = await listen(daemon);
  const failed = (err: unknown): void => journal.error({ err }, 'shutdown failed');
  onEndSignals({ after, failed }, (signal) => end(daemon, api, signal));
  if (pidfile !== null) writePidfile(pidfile);
  if (log.head().position === 0) {
    await record(system, { type: 'daemon.log-opened', data: { logId: log.logId, format: 1 } });
  }
  const started = { version: VERSION, pid: process.pid, bootId: bootId() };
  await record(system, { type: 'daemon.started', data: started });
  const living = await untilItWorks(
    TIME,
    () => connectAndLook(daemon),
    (error) => containerdMissing(daemon, error),
  );
  condition.awaySinceNs = null;
  system.start();
  await recordExits(daemon, living);
  condition.ready = true;
  daemon.becameReady.resolve();
  everyMs(CHECKPOINT_MS, () => {
    log.checkpoint();
    log.restoreReserve();
  });
  const [host] = options.hosts;
  journal.info({ dataRoot, position: log.head().position }, 'ready');
  if (host !== undefined) console.log(`export DOCKER_HOST=${printHost(host)}`);
}

/** Containers run on. What was started for them alone goes when none is left. */
async function end(daemon: Daemon, api: ApiServer, signal: string): Promise<void> {
  const { gate, system, log, condition, journal } = daemon;
  journal.info({ signal }, 'shutting down; containers run on');
  gate.refusals.flush();
  await record(system, { type: 'daemon.stopped', data: { signal } });
  system.stop();
  await api.close();
  const idle = log.agenda().length === 0 && condition.awaySinceNs === null;
  await condition.world?.close(idle);
  log.checkpoint();
  log.close();
}

function fail(message: string): void {
  process.stderr.write(`shiplog: ${message}\n`);
  process.exitCode = 1;
}

try {
  const parsed = parseOptions(process.argv.slice(2), readText);
  if (parsed.kind === 'help') process.stdout.write(HELP);
  else if (parsed.kind === 'version') console.log(`shiplog version ${VERSION}`);
  else if (process.getuid?.() !== 0)
    fail('must be run as root: containers need mounts and cgroups');
  else await boot(parsed.options, openJournal(parsed.options));
} catch (error) {
  const refused = error instanceof OptionError || error instanceof StartRefused;
  if (!refused) process.stderr.write(`${(error as Error).stack}\n`);
  fail(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
