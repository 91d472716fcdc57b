/** Which limits the host's kernel offers: what `info` says, and what create may ask for. */

/** What the kernel offers, whether or not shiplog carries it out. */
export interface OfferedLimits {
  readonly memory: boolean;
  readonly swap: boolean;
  readonly kernelMemoryTcp: boolean;
  readonly oomKillDisable: boolean;
  readonly cpuPeriod: boolean;
  readonly cpuQuota: boolean;
  readonly cpuShares: boolean;
  readonly cpuset: boolean;
  readonly pids: boolean;
  readonly ipv4Forwarding: boolean;
  readonly memoryReservation: boolean;
  readonly memorySwappiness: boolean;
  readonly cpuRealtime: boolean;
  readonly cgroupNamespaces: boolean;
  readonly blockIo: {
    readonly weight: boolean;
    readonly weightDevice: boolean;
    readonly readBps: boolean;
    readonly writeBps: boolean;
    readonly readIops: boolean;
    readonly writeIops: boolean;
  };
  /** Lists as the kernel writes them, e.g. `0-3,6`; empty: not known. */
  readonly cpus: string;
  readonly mems: string;
}
