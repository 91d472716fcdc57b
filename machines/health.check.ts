/** What is to be checked, and how often: Docker's `Healthcheck` with its defaults filled in. */
import type { ContainerConfig } from './container.config.ts';

export interface HealthCheck {
  /** Program and arguments of the probe. */
  readonly argv: readonly string[];
  /** Milliseconds between the end of a probe and the next. */
  readonly intervalMs: number;
  /** How long a probe may take, milliseconds. */
  readonly timeoutMs: number;
  /** From the start of the run; failures in it do not count. 0: there is none. */
  readonly startPeriodMs: number;
  /** Interval in the start period, as long as no probe has passed. */
  readonly startIntervalMs: number;
  /** Failures in a row that make it unhealthy. */
  readonly retries: number;
}

const NS_PER_MS = 1_000_000;
const DEFAULTS = { interval: 30_000, timeout: 30_000, startInterval: 5_000, retries: 3 };
const SHELL: readonly string[] = ['/bin/sh', '-c'];

/** Undefined: nothing is checked (no test, `NONE`, or a kind of test that nobody knows). */
export function checkOf({ Healthcheck, Shell }: ContainerConfig): HealthCheck | undefined {
  const [kind, ...words] = Healthcheck?.Test ?? [];
  if (Healthcheck === undefined || (kind !== 'CMD' && kind !== 'CMD-SHELL')) return undefined;
  const shell = kind === 'CMD' ? [] : (Shell ?? SHELL);
  const { Interval, Timeout, StartPeriod, StartInterval, Retries } = Healthcheck;
  return {
    argv: [...shell, ...words],
    intervalMs: milliseconds(Interval, DEFAULTS.interval),
    timeoutMs: milliseconds(Timeout, DEFAULTS.timeout),
    startPeriodMs: milliseconds(StartPeriod, 0),
    startIntervalMs: milliseconds(StartInterval, DEFAULTS.startInterval),
    retries: Retries || DEFAULTS.retries,
  };
}

/** Absent and 0 stand for the default. */
const milliseconds = (ns: number | undefined, byDefault: number): number =>
  ns === undefined || ns === 0 ? byDefault : ns / NS_PER_MS;
