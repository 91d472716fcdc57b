/** What the daemon is and runs on, as `info` and the defaults of create show it. */
import type { OfferedLimits } from '../machines/offeredLimits.ts';
import type { RuntimeView } from './runtimes.ts';

export interface DaemonInfo {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly gitCommit: string;
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly debug: boolean;
  readonly labels: readonly string[];
  readonly network: {
    /** As configured; empty: the usual ones. */
    readonly pools: readonly { readonly base: string; readonly size: number }[];
    /** Whether rules are written. */
    readonly firewall: boolean;
  };
  readonly snapshotter: string;
  readonly containerd: {
    readonly address: string;
    readonly namespace: string;
    readonly version: string;
    readonly revision: string;
    /** null while connected; else since when it is away, decimal nanoseconds. */
    readonly awaySinceNs: string | null;
  };
  readonly limits: OfferedLimits;
  /** What containers get that say nothing. */
  readonly defaults: {
    readonly ipcMode: 'private' | 'shareable';
    /** null: by the version of the control groups. */
    readonly cgroupnsMode: 'private' | 'host' | null;
    /** Bytes. */
    readonly shmSize: number;
    /** Seconds; -1: for ever. */
    readonly stopTimeout: number;
    /** null: the usual one. */
    readonly cgroupParent: string | null;
    readonly noNewPrivileges: boolean;
    /** `builtin`, `unconfined` or the path of a file. */
    readonly seccompProfile: string;
    readonly initBinary: string;
    readonly logConfig: {
      readonly type: string;
      readonly options: Readonly<Record<string, string>>;
    };
  };
  readonly capabilities: {
    readonly known: readonly string[];
    readonly available: readonly string[];
  };
  readonly appArmor: boolean;
  readonly runc: { readonly version: string; readonly commit: string };
  readonly cgroup: { readonly driver: 'cgroupfs' | 'systemd'; readonly version: '1' | '2' };
  readonly host: {
    readonly kernelVersion: string;
    readonly operatingSystem: string;
    readonly osVersion: string;
    /** `x86_64`, `aarch64`. */
    readonly architecture: string;
    readonly cpus: number;
    /** Bytes. */
    readonly memory: number;
    readonly startedNs: bigint;
  };
  readonly runtimes: readonly RuntimeView[];
  readonly defaultRuntime: string;
  /** e.g. actors stopped by a bug, first reconcile not over, caller not known. */
  readonly warnings: readonly string[];
}
