/**
 * Which limits the kernel offers, read once at start from the cgroup hierarchies: what `info` says,
 * and the warnings about what is missing, in dockerd's words.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OfferedLimits } from '../../machines/offeredLimits.ts';
import { CGROUP_ROOT, textOf } from './facts.ts';

export interface KernelLimits extends OfferedLimits {
  /** What only warnings tell: words for limits of block I/O that the kernel lacks. */
  readonly missingBlockIo: readonly string[];
}

type OfGroups = Omit<KernelLimits, 'ipv4Forwarding' | 'cpus' | 'mems' | 'cgroupNamespaces'>;
type Has = (path: string) => boolean;

const BLOCK_V1 = ['read_bps_device', 'write_bps_device', 'read_iops_device', 'write_iops_device'];
const BLOCK_V2 = ['rbps', 'wbps', 'riops', 'wiops'];

/** Controllers as directories of their own. */
function limitsV1(has: Has): OfGroups {
  const blkio = (file: string) => has(`blkio/blkio.throttle.${file}`);
  return {
    memory: has('memory/memory.limit_in_bytes'),
    swap: has('memory/memory.memsw.limit_in_bytes'),
    kernelMemoryTcp: has('memory/memory.kmem.tcp.limit_in_bytes'),
    oomKillDisable: has('memory/memory.oom_control'),
    cpuPeriod: has('cpu/cpu.cfs_period_us'),
    cpuQuota: has('cpu/cpu.cfs_quota_us'),
    cpuShares: has('cpu/cpu.shares'),
    cpuset: has('cpuset/cpuset.cpus'),
    pids: has('pids'),
    memoryReservation: has('memory/memory.soft_limit_in_bytes'),
    memorySwappiness: has('memory/memory.swappiness'),
    cpuRealtime: has('cpu/cpu.rt_period_us'),
    blockIo: {
      weight: has('blkio/blkio.weight'),
      weightDevice: has('blkio/blkio.weight_device'),
      readBps: blkio('read_bps_device'),
      writeBps: blkio('write_bps_device'),
      readIops: blkio('read_iops_device'),
      writeIops: blkio('write_iops_device'),
    },
    missingBlockIo: BLOCK_V1.filter((file) => !blkio(file)).map((file) => `blkio throttle.${file}`),
  };
}

/** One hierarchy: the root names its controllers, files of limits are in the groups below. */
function limitsV2(controllers: readonly string[], has: Has): OfGroups {
  const cpu = controllers.includes('cpu');
  const memory = controllers.includes('memory');
  const io = controllers.includes('io');
  return {
    memory,
    swap: memory && has('memory.swap.max'),
    kernelMemoryTcp: false,
    oomKillDisable: false,
    cpuPeriod: cpu,
    cpuQuota: cpu,
    cpuShares: cpu,
    cpuset: controllers.includes('cpuset'),
    pids: controllers.includes('pids'),
    memoryReservation: memory,
    memorySwappiness: false,
    cpuRealtime: false,
    blockIo: {
      weight: io,
      weightDevice: io,
      readBps: io,
      writeBps: io,
      readIops: io,
      writeIops: io,
    },
    missingBlockIo: io ? [] : ['io.weight', ...BLOCK_V2.map((name) => `io.max (${name})`)],
  };
}

/** Whether a group right below the root has the file; the root itself has none of the limits. */
function inAnyGroup(root: string): Has {
  const groups = readdirSync(root, { withFileTypes: true }).filter((one) => one.isDirectory());
  return (file) => groups.some(({ name }) => existsSync(join(root, name, file)));
}

/**
 * @param root of the cgroup file systems, another one in tests.
 * @param forward asked anew at each look: the daemon's own networks switch forwarding on
 */
export function kernelLimits(
  version: 1 | 2,
  root = CGROUP_ROOT,
  forward = () => textOf('/proc/sys/net/ipv4/ip_forward'),
): KernelLimits {
  const limits =
    version === 1
      ? limitsV1((path) => existsSync(join(root, path)))
      : limitsV2(textOf(join(root, 'cgroup.controllers')).trim().split(/\s+/), inAnyGroup(root));
  const cpuset = version === 1 ? join(root, 'cpuset') : root;
  const suffix = version === 1 ? '' : '.effective';
  return {
    ...limits,
    get ipv4Forwarding() {
      return forward().trim() === '1';
    },
    cpus: textOf(join(cpuset, `cpuset.cpus${suffix}`)).trim(),
    mems: textOf(join(cpuset, `cpuset.mems${suffix}`)).trim(),
    cgroupNamespaces: existsSync('/proc/self/ns/cgroup'),
  };
}

/** In the order in which dockerd gives them. */
export function limitWarnings(limits: KernelLimits, version: 1 | 2): readonly string[] {
  const v1 = version === 1;
  const missing: readonly (readonly [boolean, string])[] = [
    [!limits.memory, 'memory limit'],
    [!limits.swap, 'swap limit'],
    [v1 && !limits.kernelMemoryTcp, 'kernel memory TCP limit'],
    [v1 && !limits.oomKillDisable, 'oom kill disable'],
    [!limits.cpuQuota, 'cpu cfs quota'],
    [!limits.cpuPeriod, 'cpu cfs period'],
    [!limits.cpuShares, 'cpu shares'],
    [!limits.cpuset, 'cpuset'],
    ...limits.missingBlockIo.map((name): [boolean, string] => [true, name]),
  ];
  const said = missing.filter(([lacks]) => lacks).map(([, what]) => `WARNING: No ${what} support`);
  return limits.ipv4Forwarding ? said : [...said, 'WARNING: IPv4 forwarding is disabled'];
}
