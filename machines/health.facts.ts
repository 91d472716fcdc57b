/**
 * What can happen to the health of a container in one run. Past tense. A probe is a fact only when
 * it changes the status, or the count of failures that leads to one (law 14).
 */
import type { HealthCheck } from './health.check.ts';
import type { ContainerId, Fact } from './words.ts';

/** Docker's words; `none` is that of a container without a check, and is never stored. */
export type HealthStatus = 'starting' | 'healthy' | 'unhealthy';

/** What a probe has found, as far as it matters to a decision. */
export interface ProbeVerdict {
  readonly passed: boolean;
  /** Exit status of the probe; -1: it took too long, or could not be run. */
  readonly exitCode: number;
  /** When the probe ended, decimal nanoseconds since 1970. */
  readonly atNs: string;
}

/** Status before and after: they differ where Docker has an event. */
interface Change {
  readonly before: HealthStatus;
  readonly status: HealthStatus;
}

export type HealthFact =
  /** The run has begun, and with it the watch. */
  | Fact<
      'health.watched',
      {
        readonly container: ContainerId;
        readonly run: number;
        readonly check: HealthCheck;
        /** When the run was started, decimal nanoseconds; null: not known. */
        readonly startedAtNs: string | null;
      }
    >
  | Fact<'health.passed', Change & ProbeVerdict>
  /** `streak`: failures in a row, this one included. */
  | Fact<'health.failed', Change & ProbeVerdict & { readonly streak: number }>
  /** The container is frozen, and is not probed until it is thawed. */
  | Fact<'health.suspended', object>
  | Fact<'health.resumed', object>
  /** The watch itself went wrong; it goes on after a while. */
  | Fact<'health.watch-failed', { readonly message: string }>
  | Fact<'health.retry-due', object>
  /** The run is over. */
  | Fact<'health.ended', object>
  /** Nothing is left of the last probe. `problem`: why that is not sure; null: it is. */
  | Fact<'health.cleaned', { readonly problem: string | null }>;
