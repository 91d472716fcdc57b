/** A sample of what a container uses, in the form Docker's clients compute from. */
import { rfc3339 } from '../instant.ts';
import type { NetworkCount, Usage } from '../usage.ts';

export interface StatsSubject {
  readonly id: string;
  readonly name: string;
  /** Of the host: bytes, processors. */
  readonly memory: number;
  readonly cpus: number;
}

const NO_THROTTLING = { periods: 0, throttled_periods: 0, throttled_time: 0 };
const NO_CPU = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: NO_THROTTLING,
};
const BLOCK_NAMES = [
  'io_service_bytes_recursive',
  'io_serviced_recursive',
  'io_queue_recursive',
  'io_service_time_recursive',
  'io_wait_time_recursive',
  'io_merged_recursive',
  'io_time_recursive',
  'sectors_recursive',
];
const NO_BLOCK = Object.fromEntries(BLOCK_NAMES.map((name) => [name, null]));

function cpuStats(usage: Usage | undefined, cpus: number) {
  if (usage === undefined) return NO_CPU;
  const { cpu, systemNs } = usage;
  return {
    cpu_usage: {
      total_usage: cpu.totalNs,
      ...(cpu.perCpuNs === null ? {} : { percpu_usage: cpu.perCpuNs }),
      usage_in_kernelmode: cpu.kernelNs,
      usage_in_usermode: cpu.userNs,
    },
    system_cpu_usage: systemNs,
    online_cpus: cpus,
    throttling_data: {
      periods: cpu.periods,
      throttled_periods: cpu.throttledPeriods,
      throttled_time: cpu.throttledNs,
    },
  };
}

/** Nobody can use more than there is, whatever the limit says. */
function memoryStats({ memory }: Usage, available: number) {
  const { usage, most, failures, limit, stats } = memory;
  return {
    usage,
    ...(most === null ? {} : { max_usage: most }),
    stats,
    ...(failures === null ? {} : { failcnt: failures }),
    limit: limit === null ? available : Math.min(limit, available),
  };
}

const networkStats = (count: NetworkCount) => ({
  rx_bytes: count.rxBytes,
  rx_packets: count.rxPackets,
  rx_errors: count.rxErrors,
  rx_dropped: count.rxDropped,
  tx_bytes: count.txBytes,
  tx_packets: count.txPackets,
  tx_errors: count.txErrors,
  tx_dropped: count.txDropped,
});

function pidsStats({ pids: { current, limit } }: Usage) {
  return { current, ...(limit === null ? {} : { limit }) };
}

/** @param usage undefined: it does not run. @param previous undefined: this is the first sample. */
export function statsOf(
  { id, name, memory, cpus }: StatsSubject,
  usage: Usage | undefined,
  previous: Usage | undefined,
) {
  const networks = Object.entries(usage?.networks ?? {});
  return {
    read: rfc3339(usage?.atNs ?? null),
    preread: rfc3339(previous?.atNs ?? null),
    pids_stats: usage === undefined ? {} : pidsStats(usage),
    blkio_stats: usage === undefined ? NO_BLOCK : { ...NO_BLOCK, ...usage.block },
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpuStats(usage, cpus),
    precpu_stats: cpuStats(previous, cpus),
    memory_stats: usage === undefined ? {} : memoryStats(usage, memory),
    name: `/${name}`,
    id,
    os_type: 'linux',
    ...(networks.length === 0
      ? {}
      : { networks: Object.fromEntries(networks.map(([key, one]) => [key, networkStats(one)])) }),
  };
}
