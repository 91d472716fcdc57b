/** Reload: the file is read anew, and the configuration swapped whole once it can be used. */
import type { ReloadOutcome } from '../api/native/ports.ts';
import type { RequestInfo } from '../api/ports.ts';
import type { Flags } from '../cli/config/flags.ts';
import { pathOf } from '../cli/config/table.ts';
import { OptionError } from '../cli/optionError.ts';
import type { Options } from '../cli/options.ts';
import { readText } from '../cli/readText.ts';
import { reloaded } from '../cli/reload.ts';
import type { DaemonFact } from '../machines/daemon.facts.ts';
import { daemonFamily } from '../machines/daemon.family.ts';
import type { Daemon } from './daemon.ts';
import { defaultVersion, usableRuntimes } from './runtimes.ts';

export type Reload = (request: RequestInfo) => Promise<ReloadOutcome>;

/** One at a time, in the order of asking. */
export function makeReload(daemon: Daemon, flags: Flags): Reload {
  let last: Promise<unknown> = Promise.resolve();
  return (request) => {
    const next = last.then(() => reload(daemon, flags, request));
    // Who waits behind one that failed is not told of it: its own caller is.
    last = next.catch(() => undefined);
    return next;
  };
}

async function reload(daemon: Daemon, flags: Flags, request: RequestInfo): Promise<ReloadOutcome> {
  const { journal, host, system, condition } = daemon;
  const warnings: string[] = [];
  const told = { warn: (text: string): void => void warnings.push(text) };
  try {
    const { options, changed, atRestart } = reloaded(daemon.options, flags, readText);
    const runtimes = await usableRuntimes(options, host.cgroup.driver, told);
    for (const warning of warnings) journal.warn(warning);
    const fact: DaemonFact = {
      type: 'daemon.reloaded',
      data: {
        id: daemon.log.logId,
        changed: changed.map(pathOf),
        attributes: attributesOf(options, host.hostname),
      },
    };
    const before = daemon.runtimes.table.defaultRuntime;
    // Not through the gate: it needs neither containerd nor the first reconcile.
    const origin = { request: request.id, caller: request.caller, deadlineMs: null };
    await system.submit(daemonFamily, { type: 'record', fact }, origin);
    daemon.swap({ options, runtimes });
    journal.level = options.logLevel;
    if (before !== runtimes.table.defaultRuntime) condition.runc = await defaultVersion(runtimes);
    const report = { changed: changed.map(pathOf), atRestart: atRestart.map(pathOf), warnings };
    journal.info(report, 'configuration reloaded');
    return { kind: 'done', report };
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    journal.error({ reason: error.message }, 'the configuration was not reloaded');
    return { kind: 'refused', message: error.message };
  }
}

/** As Go prints a map of truth values. */
const goMap = (given: Readonly<Record<string, boolean>>): string =>
  `map[${Object.entries(given)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, on]) => `${name}:${on}`)
    .join(' ')}]`;

/** Those of docker's event; all are texts. */
function attributesOf(options: Options, hostname: string): Readonly<Record<string, string>> {
  const { defaults, registries, runtimes, shutdownTimeoutMs } = options;
  const paths = Object.entries(runtimes).map(([name, { path = '' }]) => `${name}:${path}`);
  return {
    name: hostname,
    debug: String(options.debug),
    'default-cgroupns-mode': defaults.cgroupnsMode ?? '',
    'default-ipc-mode': defaults.ipcMode,
    'default-runtime': options.defaultRuntime,
    'default-shm-size': String(defaults.shmSize),
    'default-stop-timeout': String(defaults.stopTimeout),
    features: goMap(options.features),
    'insecure-registries': JSON.stringify(registries.insecure),
    labels: JSON.stringify(options.labels),
    'live-restore': 'true',
    'max-concurrent-downloads': String(registries.concurrentDownloads),
    'max-concurrent-uploads': String(registries.concurrentUploads),
    'max-download-attempts': String(registries.downloadAttempts),
    'registry-mirrors': JSON.stringify(registries.mirrors),
    runtimes: paths.join(' '),
    'shutdown-timeout': String(shutdownTimeoutMs === null ? -1 : shutdownTimeoutMs / 1_000),
  };
}
