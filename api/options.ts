/** What main.ts hands to the facade beside the ports: how to log, to wait, and to name events. */
import type { LoggedFact, SideEvent } from './ports.ts';

/** One Docker event, as a read of the log gives it (projections/dockerEvents.ts). */
export interface DockerEvent {
  readonly type: string;
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly timeNs: bigint;
}

/** The Docker events of one fact, in order; main.ts binds what it must look up. */
export type DockerEventMapper = (fact: LoggedFact) => readonly DockerEvent[];

/** The Docker events of what was told beside the log. */
export type SideEventMapper = (event: SideEvent) => readonly DockerEvent[];

/** One line of the daemon's own log: a request that was more than a look. */
export interface RequestRecord {
  readonly request: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  /** `ok`, `hijacked`, `client-gone`, or the kind of the error. */
  readonly outcome: string;
  /** Text of the error, if there was one. */
  readonly error?: string;
  readonly uid?: number;
  readonly userAgent?: string;
}

export interface ApiOptions {
  readonly dockerEvents: DockerEventMapper;
  readonly sideEvents: SideEventMapper;
  /** Resolves after the time. When the signal is aborted it may resolve or reject. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log?: (record: RequestRecord) => void;
}
