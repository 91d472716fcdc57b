/** The daemon as one value: its log, actors and condition, before it is connected to anything. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { CommandResult } from '../actors/actor.ts';
import type { GatePorts } from '../actors/gate.ts';
import { RefusalRecorder } from '../actors/refusals.ts';
import { ActorSystem } from '../actors/system.ts';
import { refusalError } from '../api/errors.ts';
import { createMetrics, type Metrics } from '../api/metrics/metrics.ts';
import { createSubscribers, type Subscribers } from '../api/metrics/subscribers.ts';
import { failpoint } from '../cli/failpoint.ts';
import type { Options } from '../cli/options.ts';
import { type Host, hostFacts } from '../effects/host/facts.ts';
import { type KernelLimits, kernelLimits } from '../effects/host/limits.ts';
import { listeningPorts } from '../effects/host/listeners.ts';
import { limitsFor } from '../effects/limits.ts';
import { after, monotonicMs, nowNs } from '../effects/system/clock.ts';
import { randomFraction, randomHex } from '../effects/system/ids.ts';
import { within } from '../effects/system/within.ts';
import type { World } from '../effects/world.ts';
import type { ContainerContext } from '../machines/container.context.ts';
import type { Difference } from '../machines/container.seen.ts';
import type { DaemonFact } from '../machines/daemon.facts.ts';
import { daemonFamily } from '../machines/daemon.family.ts';
import { FAMILIES } from '../machines/families.ts';
import type { ActorState } from '../machines/words.ts';
import { PROJECTIONS } from '../projections/all.ts';
import { type OpenedLog, openLog } from '../store/log.ts';
import { openSideTable, type SideTable } from '../store/sideTable.ts';
import type { StreamState } from '../store/types.ts';
import { commitMeter, measuredEffects, metricSources } from './metrics.ts';
import type { Runtimes } from './runtimes.ts';

export const VERSION: string = JSON.parse(
  readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'),
).version;
export const TIME = { nowNs, monotonicMs, after, random: randomFraction };

export interface LastReconcile {
  /** Nanoseconds since 1970, in decimal digits. */
  readonly atNs: string;
  readonly checked: number;
  /** Those that were not settled by telling the actors. */
  readonly differences: readonly Difference[];
}

/** What changes while the daemon runs, beside the log. */
export interface Condition {
  world: World | null;
  ready: boolean;
  /** Decimal nanoseconds since when containerd is away; null while it is there. */
  awaySinceNs: string | null;
  /** The same for the stdio process. */
  stdioLostNs: string | null;
  containerdVersion: { version: string; revision: string };
  runc: { version: string; commit: string };
  /** What the last look at everything found; null before the first. */
  reconciled: LastReconcile | null;
  /** The kernel did not tell who is at the other end of some connection. */
  callersUnknown: boolean;
  /** How the log contradicts its head witness; null: it does not. */
  witness: string | null;
  /** Position that the witness was written for last. */
  witnessed: number;
  /** Streams of actors that a bug stopped. */
  readonly stopped: Map<string, string>;
}

export interface Configuration {
  readonly options: Options;
  readonly runtimes: Runtimes;
}

export interface Daemon {
  /** What holds now, frozen; a reload swaps it whole, so read it once where it must not change. */
  readonly options: Options;
  /** What follows from them for runtimes; swapped with them. */
  readonly runtimes: Runtimes;
  swap(next: Configuration): void;
  readonly journal: Logger;
  readonly host: Host;
  readonly limits: KernelLimits;
  readonly log: OpenedLog;
  readonly side: SideTable;
  readonly system: ActorSystem;
  readonly gate: GatePorts;
  readonly condition: Condition;
  readonly becameReady: PromiseWithResolvers<void>;
  readonly metrics: Metrics;
  readonly subscribers: Subscribers;
  /** Aborted when the daemon ends. */
  readonly over: AbortController;
}

/** @throws what the API answers 503 to, as long as containerd has not been reached yet */
export function worldOf({ world, awaySinceNs }: Condition): World {
  if (world === null) {
    const sinceNs = awaySinceNs ?? String(nowNs());
    throw refusalError({ kind: 'runtime-away', sinceNs }, { command: 'reconcile', ref: '' });
  }
  return world;
}

function openSide({ dataRoot }: Options, log: OpenedLog, journal: Logger): SideTable {
  return openSideTable({
    path: join(dataRoot, 'side.db'),
    clock: { nowNs },
    position: () => log.head().position,
    failed: (err) => journal.warn({ err }, 'the side table lost something'),
  });
}

/** State of a container, as the log keeps it. */
export const loggedState = ({ value, context }: StreamState): ActorState<ContainerContext> => ({
  value,
  context: context as ActorState['context'] as ContainerContext,
});

/** As long as nothing was reached yet. */
function unconnected(): Condition {
  return {
    world: null,
    ready: false,
    awaySinceNs: null,
    stdioLostNs: null,
    reconciled: null,
    containerdVersion: { version: '', revision: '' },
    runc: { version: '', commit: '' },
    callersUnknown: false,
    witness: null,
    witnessed: 0,
    stopped: new Map(),
  };
}

/** The host as it is, and as the user wants it taken. */
export function hostWith({ cgroupDriver }: Options): Host {
  const host = hostFacts();
  return cgroupDriver === null
    ? host
    : { ...host, cgroup: { ...host.cgroup, driver: cgroupDriver } };
}

export const logPath = ({ options }: Pick<Daemon, 'options'>): string =>
  join(options.dataRoot, 'log.db');

export function createDaemon(configuration: Configuration, journal: Logger): Daemon {
  let current = configuration;
  const { options } = configuration;
  const path = logPath({ options });
  const log = openLog({
    path,
    clock: { nowNs },
    projections: PROJECTIONS,
    newLogId: () => randomHex(16),
    damaged: (damage) => journal.error(damage, 'a row of the log can not be read'),
    measured: commitMeter(() => metrics.meters),
  });
  const side = openSide(options, log, journal);
  const subscribers = createSubscribers();
  const metrics = createMetrics(
    metricSources(log, path, subscribers, () => ({ condition, system })),
    { process: true },
  );
  const condition = unconnected();
  const host = hostWith(options);
  const system = new ActorSystem({
    log,
    time: TIME,
    limits: limitsFor(host.cpus),
    busyPorts: listeningPorts,
    journal,
    families: FAMILIES,
    effects: {
      policy: (type) => worldOf(condition).effects.policy(type),
      run: measuredEffects(metrics.meters, (...effect) =>
        worldOf(condition).effects.run(...effect),
      ),
    },
    probe: failpoint(process.env['SHIPLOG_FAILPOINT'], journal),
    stopped(stream, position, reason) {
      condition.stopped.set(stream, reason);
      record(system, { type: 'daemon.actor-stopped', data: { stream, position, reason } });
    },
    recovered: (stream) => void condition.stopped.delete(stream),
  });
  const becameReady = Promise.withResolvers<void>();
  const gate = gateOf({ system, journal, condition, becameReady, metrics });
  return {
    get options() {
      return current.options;
    },
    get runtimes() {
      return current.runtimes;
    },
    swap(next) {
      current = next;
    },
    journal,
    host,
    limits: kernelLimits(host.cgroup.version),
    log,
    side,
    system,
    gate,
    condition,
    becameReady,
    metrics,
    subscribers,
    over: new AbortController(),
  };
}

/** How commands pass: who waits for what, and where refusals are kept. */
function gateOf({
  system,
  journal,
  condition,
  becameReady,
  metrics,
}: Pick<Daemon, 'system' | 'journal' | 'condition' | 'becameReady' | 'metrics'>): GatePorts {
  const refusals = new RefusalRecorder(TIME, (refused) =>
    record(system, { type: 'daemon.commands-refused', data: { refused } }),
  );
  return {
    system,
    refusals,
    journal,
    whenReady: (ms) => readyOrAway(condition, becameReady.promise, ms),
    runtimeAwaySince: () => condition.awaySinceNs,
    monotonicMs,
    measured: (type, outcome, ms) => metrics.meters.command(type, outcome, ms / 1_000),
  };
}

/** How soon those who wait for readiness find that containerd is away. */
const LOOK_MS = 250;

/**
 * A daemon that starts while containerd is away serves as one that lost it: intents are taken, what
 * needs it is refused, and looks do not wait for what may take long.
 */
async function readyOrAway(condition: Condition, ready: Promise<void>, ms: number) {
  for (let leftMs = ms; leftMs > 0; leftMs -= LOOK_MS) {
    if (condition.awaySinceNs !== null) return true;
    if (await within(ready, Math.min(leftMs, LOOK_MS))) return true;
  }
  return false;
}

/** A fact of the daemon's own stream. */
export function record(system: ActorSystem, fact: DaemonFact): Promise<CommandResult> {
  const origin = { request: '', caller: { kind: 'daemon' as const }, deadlineMs: null };
  return system.submit(daemonFamily, { type: 'record', fact }, origin);
}
