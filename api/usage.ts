/** What a container uses at a moment, from the kernel's counters: as the facade is told it. */

export interface BlockCount {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly value: number;
}

export interface NetworkCount {
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly rxErrors: number;
  readonly rxDropped: number;
  readonly txBytes: number;
  readonly txPackets: number;
  readonly txErrors: number;
  readonly txDropped: number;
}

export interface CpuCount {
  /** All times in nanoseconds. */
  readonly totalNs: number;
  readonly kernelNs: number;
  readonly userNs: number;
  /** null: this version of control groups does not count it; as everywhere here. */
  readonly perCpuNs: readonly number[] | null;
  readonly periods: number;
  readonly throttledPeriods: number;
  readonly throttledNs: number;
}

export interface Usage {
  readonly atNs: bigint;
  /** Of all processors since the boot. */
  readonly systemNs: number;
  readonly pids: { readonly current: number; readonly limit: number | null };
  readonly cpu: CpuCount;
  /** Bytes. */
  readonly memory: {
    readonly usage: number;
    readonly most: number | null;
    readonly failures: number | null;
    /** As the kernel says it: may be more than there is. */
    readonly limit: number | null;
    readonly stats: Readonly<Record<string, number>>;
  };
  readonly block: Readonly<Record<string, readonly BlockCount[] | null>>;
  /** By the interface's name in the container. */
  readonly networks: Readonly<Record<string, NetworkCount>>;
}
