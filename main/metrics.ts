/** What the rooms tell the meters, and where the gauges read. */
import { statSync } from 'node:fs';
import type { Effects } from '../actors/ports.ts';
import type { ActorSystem } from '../actors/system.ts';
import type { Meters, MetricSources } from '../api/metrics/metrics.ts';
import type { Subscribers } from '../api/metrics/subscribers.ts';
import { monotonicMs, nowNs } from '../effects/system/clock.ts';
import { openContainerQueries } from '../projections/containerQueries.ts';
import type { CommitMeter } from '../store/groupCommit.ts';
import type { OpenedLog } from '../store/log.ts';

const secondsSince = (fromMs: number): number => (monotonicMs() - fromMs) / 1_000;

/** @param meters asked for late: the log is open before there is anything to tell */
export function commitMeter(meters: () => Meters): CommitMeter {
  return () => {
    const from = monotonicMs();
    return (facts) => meters().commit(facts, secondsSince(from));
  };
}

/** The same run, each try measured. */
export function measuredEffects(meters: Meters, run: Effects['run']): Effects['run'] {
  return async (type, ...rest) => {
    const from = monotonicMs();
    const result = await run(type, ...rest);
    meters.effect(type, result.ok ? 'ok' : result.error.kind, secondsSince(from));
    return result;
  };
}

/** Age of a row: that of the fact that asked, which its id `<position>.<index>` begins with. */
function agendaOf(log: OpenedLog): ReturnType<MetricSources['agenda']> {
  const now = nowNs();
  const ages = new Map<number, number>();
  return log.agenda().map(({ id, type }) => {
    const position = Number.parseInt(id, 10);
    const known = ages.get(position);
    if (known !== undefined) return { type, ageSeconds: known };
    const [fact] = log.read(position - 1, 1);
    const ageSeconds = fact === undefined ? 0 : Number(now - fact.atNs) / 1e9;
    ages.set(position, ageSeconds);
    return { type, ageSeconds };
  });
}

function walBytes(path: string): number {
  // Only its size is asked for: opening the log's files would drop SQLite's locks.
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

export function metricSources(
  log: OpenedLog,
  path: string,
  subscribers: Subscribers,
  daemon: () => {
    readonly condition: { readonly ready: boolean; readonly awaySinceNs: string | null };
    readonly system: Pick<ActorSystem, 'counts'>;
  },
): MetricSources {
  const containers = openContainerQueries(log.reader);
  return {
    head: () => log.head().position,
    agenda: () => agendaOf(log),
    admission: () => daemon().system.counts().classes,
    walBytes: () => walBytes(path),
    containerStatuses: () => containers.list().map(({ status }) => status),
    containerdConnected: () => daemon().condition.awaySinceNs === null,
    ready: () => daemon().condition.ready,
    subscribers,
  };
}
