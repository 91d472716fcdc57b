/**
 * What a Prometheus server reads of this daemon. Counters and histograms are told by the rooms
 * through the meters; gauges are asked for when somebody looks, so that a daemon that nobody
 * watches pays for none of them.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Subscribers } from './subscribers.ts';

/** What is read at each look. */
export interface MetricSources {
  /** Position of the newest fact. */
  head(): number;
  /** Open agenda rows: their type, and how long they are open, in seconds. */
  agenda(): readonly { readonly type: string; readonly ageSeconds: number }[];
  /** Effects by class: at work, at work for too long to count, waiting to be admitted. */
  admission(): Readonly<
    Record<string, { readonly running: number; readonly lent: number; readonly queued: number }>
  >;
  /** Bytes of the log's write-ahead file. */
  walBytes(): number;
  /** Docker's status of every container that exists. */
  containerStatuses(): readonly string[];
  containerdConnected(): boolean;
  ready(): boolean;
  readonly subscribers: Subscribers;
}

/** Told as it happens; times in seconds. */
export interface Meters {
  /** `outcome`: `done`, `nothing`, or the kind of the refusal. */
  command(type: string, outcome: string, seconds: number): void;
  /** One try of an effect. `outcome`: `ok`, or the kind of the error. */
  effect(type: string, outcome: string, seconds: number): void;
  /** One transaction of the log. */
  commit(facts: number, seconds: number): void;
}

export interface Metrics {
  readonly meters: Meters;
  /** Prometheus' text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const FAST = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1];
const SLOW = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];

function meters(registry: Registry): Meters {
  const registers = [registry];
  const timed = (name: string, help: string, labelNames: string[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  const commands = timed(
    'shiplog_command_seconds',
    'Commands, from their arrival to their end',
    ['command', 'outcome'],
    SLOW,
  );
  const effects = timed('shiplog_effect_seconds', 'Tries of effects', ['effect', 'outcome'], SLOW);
  const commits = timed('shiplog_commit_seconds', 'Transactions of the log', [], FAST);
  const facts = new Counter({ name: 'shiplog_facts_total', help: 'Facts appended', registers });
  return {
    command: (command, outcome, seconds) => commands.observe({ command, outcome }, seconds),
    effect: (effect, outcome, seconds) => effects.observe({ effect, outcome }, seconds),
    commit(count, seconds) {
      facts.inc(count);
      commits.observe(seconds);
    },
  };
}

function plainGauges(registry: Registry, sources: MetricSources): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  const lags = () => sources.subscribers.lags(sources.head());
  gauge('shiplog_log_position', 'Position of the newest fact', sources.head);
  gauge('shiplog_wal_bytes', "Size of the log's write-ahead file", sources.walBytes);
  gauge('shiplog_subscribers', 'Clients that follow the log', () => lags().length);
  gauge('shiplog_subscriber_lag_facts', 'Facts that the slowest subscriber has not taken', () =>
    Math.max(0, ...lags()),
  );
  gauge('shiplog_containerd_connected', '1 while containerd answers', () =>
    Number(sources.containerdConnected()),
  );
  gauge('shiplog_ready', '1 once the first reconcile is over', () => Number(sources.ready()));
}

function labelledGauges(registry: Registry, sources: MetricSources): void {
  const registers = [registry];
  new Gauge({
    name: 'shiplog_containers',
    help: 'Containers by their state',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset();
      for (const state of sources.containerStatuses()) this.inc({ state });
    },
  });
  new Gauge({
    name: 'shiplog_agenda_open',
    help: 'Effects and timers that are asked for and not answered',
    labelNames: ['type'],
    registers,
    collect() {
      this.reset();
      for (const { type } of sources.agenda()) this.inc({ type });
    },
  });
  new Gauge({
    name: 'shiplog_agenda_oldest_seconds',
    help: 'Age of the oldest open row of the type',
    labelNames: ['type'],
    registers,
    collect() {
      this.reset();
      const oldest = new Map<string, number>();
      for (const { type, ageSeconds } of sources.agenda())
        oldest.set(type, Math.max(ageSeconds, oldest.get(type) ?? 0));
      for (const [type, age] of oldest) this.set({ type }, age);
    },
  });
}

function admissionGauge(registry: Registry, sources: MetricSources): void {
  new Gauge({
    name: 'shiplog_admission_effects',
    help: 'Effects at work, at work for too long to count against the limit, and queued',
    labelNames: ['class', 'state'],
    registers: [registry],
    collect() {
      for (const [name, { running, lent, queued }] of Object.entries(sources.admission())) {
        this.set({ class: name, state: 'running' }, running);
        this.set({ class: name, state: 'lent' }, lent);
        this.set({ class: name, state: 'queued' }, queued);
      }
    },
  });
}

/** A registry of its own for each daemon; `process` adds memory, CPU, loop lag, collections. */
export function createMetrics(
  sources: MetricSources,
  options: { readonly process: boolean },
): Metrics {
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry });
  plainGauges(registry, sources);
  labelledGauges(registry, sources);
  admissionGauge(registry, sources);
  return {
    meters: meters(registry),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
