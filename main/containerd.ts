/** containerd and the daemon: connected, lost, back, and what is compared with the log then. */
import { untilItWorks } from '../actors/retry.ts';
import type { StdioChange } from '../effects/stdio/client.ts';
import { nowNs } from '../effects/system/clock.ts';
import { StartRefused } from '../effects/system/startRefused.ts';
import { within } from '../effects/system/within.ts';
import { openWorld } from '../effects/world.ts';
import type { ContainerContext } from '../machines/container.context.ts';
import { containerStream } from '../machines/container.decide.ts';
import { livingTasks } from '../machines/container.seen.ts';
import { type Daemon, record, TIME, worldOf } from './daemon.ts';
import { leasesInUse } from './images.ts';
import { networkParts, syncNetworks } from './networks.ts';
import { lookAround } from './reconcile.ts';
import { defaultVersion, featuresOf } from './runtimes.ts';
import { unstartedIn } from './unstarted.ts';

/** Longer than an exit waits for the rest of its output. */
const EXITS_MS = 5_000;

export async function connectAndLook(daemon: Daemon): Promise<ReadonlySet<string>> {
  if (daemon.condition.world === null) {
    await connect(daemon);
    await syncNetworks(daemon);
  }
  return livingTasks((await lookAround(daemon)).sight);
}

/** Queries go on without it; only what a person has to change ends the daemon. */
export function containerdMissing({ condition, journal }: Daemon, error: unknown): void {
  if (error instanceof StartRefused) throw error;
  condition.awaySinceNs ??= String(nowNs());
  journal.warn({ err: error }, 'containerd can not be reached, trying again');
}

/** Among its first facts: a log that has more before it was begun in vain many times. */
const reachedBefore = ({ log }: Daemon): boolean =>
  log.read(0, 100).some(({ type }) => type === 'daemon.containerd-connected');

async function connect(daemon: Daemon): Promise<void> {
  const { options, journal, host, log, condition, system } = daemon;
  const { dataRoot, execRoot, containerd, logLevel, snapshotter } = options;
  const runc = defaultVersion(daemon.runtimes);
  const world = await openWorld({
    dataRoot,
    execRoot,
    containerd,
    snapshotter,
    logLevel,
    host,
    defaults: () => ({ ...daemon.options.defaults, names: daemon.options.network }),
    featuresOf: (runtime) => featuresOf(daemon.runtimes, runtime),
    log: journal,
    daemonId: log.logId,
    reachedBefore: reachedBefore(daemon),
    namespace: options.containerdNamespace,
    side: daemon.side,
    reveal: (digests) => log.reveal(digests),
    network: networkParts(daemon),
    leasesInUse: leasesInUse(daemon),
    isRemoved: (id) => log.readable(containerStream(id))?.final === true,
    containerOf: (id) => log.readable(containerStream(id))?.context as ContainerContext | undefined,
    unstarted: unstartedIn(log),
    onContainerd: (lost) => void containerdChanged(daemon, lost),
    onContainerdRestarted: (pid) =>
      void record(system, { type: 'daemon.containerd-restarted', data: { pid } }),
    onStdio: (change) => void stdioChanged(daemon, change),
  });
  condition.world = world;
  condition.runc = await runc;
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
  const since = condition.awaySinceNs;
  // Who went away again is told of anew, and comes back anew.
  const still = (): boolean => condition.awaySinceNs === since;
  await untilItWorks(
    TIME,
    async () => still() && (await returned(daemon, still)),
    (err) => journal.warn({ err }, 'containerd went away again while it was asked'),
  );
}

async function returned(daemon: Daemon, still: () => boolean): Promise<void> {
  const { condition, system, journal } = daemon;
  const world = worldOf(condition);
  condition.containerdVersion = await world.version();
  const { version } = condition.containerdVersion;
  const { address } = world.containerd;
  await record(system, { type: 'daemon.containerd-connected', data: { version, address } });
  await lookAround(daemon);
  if (!still()) return;
  condition.awaySinceNs = null;
  journal.info({ version }, 'containerd is back');
  system.wake();
}

async function stdioChanged({ condition, system, journal }: Daemon, change: StdioChange) {
  const { pid } = change;
  if (change.kind === 'lost') {
    const { reason } = change;
    condition.stdioLostNs = String(nowNs());
    journal.warn({ stdio: pid, reason }, 'the stdio process is away');
    await record(system, { type: 'daemon.stdio-lost', data: { pid, reason } });
    return;
  }
  condition.stdioLostNs = null;
  const type = change.restarted ? 'daemon.stdio-restarted' : 'daemon.stdio-connected';
  journal.info({ stdio: pid }, type);
  await record(system, { type, data: { pid } });
}

/** What ended while no daemon was there is on record before anybody is told that it runs. */
export async function recordExits({ log, system, journal }: Daemon, living: ReadonlySet<string>) {
  const waits = log.agenda().filter(({ type, stream }) => {
    const [, container = ''] = stream.split('/');
    const lives = living.has(stream) || living.has(containerStream(container));
    return type === 'task.await-exit' && !lives;
  });
  const ended = waits.map(({ id }) => id);
  if (await within(system.closed(ended), EXITS_MS)) return;
  journal.warn({ ended: ended.length }, 'not all exits could be read yet');
}
