/** What can happen to the daemon itself. Stream `daemon`. */
import type { Caller, Fact } from './words.ts';

/** Equal refusals within a second are one entry (law 16). */
export interface RefusedCommand {
  readonly command: string;
  readonly stream: string;
  readonly refusal: string;
  readonly count: number;
  readonly caller: Caller;
  /** The last one. Absent in rows of before it was recorded. */
  readonly request?: string;
}

export type DaemonFact =
  /** The first fact of every log: its id becomes part of the chain. */
  | Fact<'daemon.log-opened', { readonly logId: string; readonly format: number }>
  | Fact<
      'daemon.started',
      {
        readonly version: string;
        readonly pid: number;
        readonly bootId: string;
        /** Absent in rows of before it could be chosen: `overlayfs`. */
        readonly snapshotter?: string;
      }
    >
  | Fact<'daemon.stopped', { readonly signal: string }>
  | Fact<'daemon.containerd-connected', { readonly version: string; readonly address: string }>
  | Fact<'daemon.containerd-lost', { readonly message: string }>
  /** The containerd of our own had ended; a new process was started. */
  | Fact<'daemon.containerd-restarted', { readonly pid: number }>
  | Fact<'daemon.stdio-lost', { readonly pid: number; readonly reason: string }>
  /** The same process, reached again. */
  | Fact<'daemon.stdio-connected', { readonly pid: number }>
  | Fact<'daemon.stdio-restarted', { readonly pid: number }>
  | Fact<'daemon.reconciled', { readonly checked: number; readonly differences: readonly string[] }>
  | Fact<'daemon.commands-refused', { readonly refused: readonly RefusedCommand[] }>
  /** `reclaimed`: bytes. */
  | Fact<
      'daemon.pruned',
      {
        readonly what: 'builder' | 'container' | 'image' | 'network' | 'volume';
        readonly reclaimed: number;
      }
    >
  /** The configuration was swapped; as the event of docker tells it. `id`: the daemon's. */
  | Fact<
      'daemon.reloaded',
      {
        readonly id: string;
        /** Options whose value is another one now. */
        readonly changed: readonly string[];
        readonly attributes: Readonly<Record<string, string>>;
      }
    >
  | Fact<
      'daemon.actor-stopped',
      { readonly stream: string; readonly position: number; readonly reason: string }
    >;

export type DaemonFactType = DaemonFact['type'];
