/**
 * Plugs the rooms together and boots them in the order of docs/architecture.md. Nothing of what can
 * happen to a container is here; whoever looks for that starts in machines/.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { untilItWorks } from './actors/retry.ts';
import type { ApiServer } from './api/server.ts';
import { onEndSignals } from './cli/endSignals.ts';
import { printHost } from './cli/host.ts';
import { openJournal } from './cli/journal.ts';
import { OptionError } from './cli/optionError.ts';
import { HELP, type Options, type ParsedOptions, parseOptions } from './cli/options.ts';
import { writePidfile } from './cli/pidfile.ts';
import { readText } from './cli/readText.ts';
import { after, everyMs, sleep } from './effects/system/clock.ts';
import { lock } from './effects/system/flock.ts';
import { randomHex } from './effects/system/ids.ts';
import { bootId } from './effects/system/process.ts';
import { StartRefused } from './effects/system/startRefused.ts';
import { listen } from './main/api.ts';
import { connectAndLook, containerdMissing, recordExits } from './main/containerd.ts';
import { createDaemon, type Daemon, hostWith, record, TIME, VERSION } from './main/daemon.ts';
import { keepSnapshotter } from './main/images.ts';
import { type Manager, serviceManager } from './main/manager.ts';
import { dropCopies } from './main/native.ts';
import { checkBridge, ensurePredefined, followChanges } from './main/networks.ts';
import { followHints } from './main/reconcile.ts';
import { makeReload, type Reload } from './main/reload.ts';
import { clearWrappers, tableOf, usableRuntimes } from './main/runtimes.ts';
import { followVolumes } from './main/volumes.ts';
import { checkWitness, keepWitness } from './main/witness.ts';
import { LogOpenError } from './store/log.ts';

/** Checkpoints are made outside of the appends, so that none of them pays for it. */
const CHECKPOINT_MS = 5_000;

type Configured = Extract<ParsedOptions, { readonly kind: 'run' | 'validate' }>;

/** Makes a root and takes its lock, until the process ends. */
function claimRoot(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o711 });
    if (lock(join(dir, 'lock')).kind === 'locked') return;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const hint = code === 'EROFS' ? '; its disk is read-only' : '';
    throw new StartRefused(`can not use ${dir}${hint}: ${message}`);
  }
  throw new StartRefused(`another daemon is using ${dir}`);
}

async function boot({ options, flags }: Configured, journal: Logger): Promise<void> {
  // One that comes before there is anything to reload must not end the daemon.
  process.on('SIGHUP', () => undefined);
  const manager = serviceManager(journal);
  for (const warning of options.warnings) journal.warn(warning);
  const { dataRoot, execRoot, pidfile } = options;
  for (const dir of new Set([dataRoot, execRoot])) claimRoot(dir);
  const runtimes = await usableRuntimes(options, hostWith(options).cgroup.driver, journal);
  const daemon = createDaemon({ options, runtimes }, journal);
  const { system, condition, log } = daemon;
  keepSnapshotter(daemon);
  checkWitness(daemon);
  checkBridge(daemon);
  dropCopies(daemon);
  system.load();
  const gone = clearWrappers(options, runtimes, log);
  if (gone.length > 0) journal.info({ gone }, 'wrapper scripts that nobody needs any more');
  const reload = makeReload(daemon, flags);
  onReloadSignal(daemon, reload, manager);
  const api = await listen(daemon, reload);
  const failed = (err: unknown): void => journal.error({ err }, 'shutdown failed');
  const mostMs = (): number | null => daemon.options.shutdownTimeoutMs;
  onEndSignals({ after, failed, mostMs }, (signal) => {
    manager.stopping();
    return end(daemon, api, signal);
  });
  if (pidfile !== null) writePidfile(pidfile);
  if (log.head().position === 0) {
    await record(system, { type: 'daemon.log-opened', data: { logId: log.logId, format: 1 } });
  }
  const { snapshotter } = options;
  const started = { version: VERSION, pid: process.pid, bootId: bootId(), snapshotter };
  await record(system, { type: 'daemon.started', data: started });
  const living = await untilItWorks(
    TIME,
    () => connectAndLook(daemon),
    (error) => containerdMissing(daemon, error),
  );
  condition.awaySinceNs = null;
  system.start();
  await recordExits(daemon, living);
  await ensurePredefined(daemon);
  followChanges(daemon);
  const hints = followHints(daemon, daemon.over.signal);
  hints.catch((err: unknown) => journal.error({ err }, 'events are followed no more'));
  followVolumes(daemon);
  condition.ready = true;
  daemon.becameReady.resolve();
  everyMs(CHECKPOINT_MS, () => {
    log.checkpoint();
    log.restoreReserve();
    keepWitness(daemon);
  });
  const [host] = options.hosts;
  journal.info({ dataRoot, position: log.head().position }, 'ready');
  manager.ready(`position ${log.head().position}`);
  if (host !== undefined) console.log(`export DOCKER_HOST=${printHost(host)}`);
}

/** SIGHUP; what is wrong with the file is in the journal. */
function onReloadSignal({ journal, condition }: Daemon, reload: Reload, manager: Manager): void {
  const caller = { kind: 'daemon' } as const;
  const reloadNow = async (): Promise<void> => {
    if (condition.ready) manager.reloading();
    try {
      await reload({ id: `sighup-${randomHex(8)}`, caller });
    } catch (err) {
      journal.error({ err }, 'the configuration was not reloaded');
    }
    if (condition.ready) manager.ready('running');
  };
  process.on('SIGHUP', () => void reloadNow());
}

/** What is longer at work than this is left to the next daemon, which finds it in the agenda. */
const DRAIN_MS = 5_000;
const DRAIN_LOOK_MS = 20;

/** Resolves when no effect is at work, but for those that wait for the end of something. */
async function drained({ system, options }: Daemon): Promise<void> {
  const most = Math.min(DRAIN_MS, (options.shutdownTimeoutMs ?? Number.POSITIVE_INFINITY) / 3);
  const begun = TIME.monotonicMs();
  const busy = (): boolean =>
    Object.values(system.counts().classes).some(({ running, lent }) => running + lent > 0);
  while (busy() && TIME.monotonicMs() - begun < most) await sleep(DRAIN_LOOK_MS);
}

/** Containers run on. What was started for them alone goes when none is left. */
async function end(daemon: Daemon, api: ApiServer, signal: string): Promise<void> {
  const { gate, system, log, condition, journal } = daemon;
  journal.info({ signal }, 'shutting down; containers run on');
  api.refuse();
  await drained(daemon);
  daemon.over.abort();
  gate.refusals.flush();
  await record(system, { type: 'daemon.stopped', data: { signal } });
  system.stop();
  await api.close();
  const idle = log.agenda().length === 0 && condition.awaySinceNs === null;
  await condition.world?.close(idle);
  const witness = keepWitness(daemon);
  log.checkpoint();
  log.close();
  daemon.side.close();
  console.log(`head witness ${witness}`);
}

/** Nothing is written or run for it. */
function validate(options: Options): void {
  tableOf(options, 'cgroupfs');
  console.log('configuration OK');
}

function fail(message: string): void {
  process.stderr.write(`shiplog: ${message}\n`);
  process.exitCode = 1;
}

try {
  const parsed = parseOptions(process.argv.slice(2), readText);
  if (parsed.kind === 'help') process.stdout.write(HELP);
  else if (parsed.kind === 'version') console.log(`shiplog version ${VERSION}`);
  else if (parsed.kind === 'validate') validate(parsed.options);
  else if (process.getuid?.() !== 0)
    fail('must be run as root: containers need mounts and cgroups');
  else await boot(parsed, openJournal(parsed.options));
} catch (error) {
  const told = [OptionError, StartRefused, LogOpenError];
  const refused = told.some((kind) => error instanceof kind);
  if (!refused) process.stderr.write(`${(error as Error).stack}\n`);
  fail(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
