/**
 * Limits of a container as they are asked for: what contradicts itself or the host is refused, what
 * the kernel lacks is dropped with a warning. Order and texts are dockerd's. Pure.
 */

import type { OfferedLimits } from '../../machines/offeredLimits.ts';
import type { JsonObject, JsonValue } from '../../machines/words.ts';
import { apiError } from '../errors.ts';
import type { ContainerUpdateRequest, HostConfigRequest } from '../openapi.gen.ts';
import { available, parseList } from './cpuset.ts';

export type Resources =
  | Omit<NonNullable<HostConfigRequest>, 'RestartPolicy'>
  | ContainerUpdateRequest;

export interface HostLimits {
  readonly limits: OfferedLimits;
  readonly processors: number;
}

/** What is left of the asked, with the changes of the check, and what is to be said. */
export interface Checked {
  readonly changes: JsonObject;
  readonly warnings: readonly string[];
}

const MIN_MEMORY = 6 * 1024 * 1024;

const refuse = (message: string) => apiError('invalid-create', { message });

/** Gathers what a check changes and says. */
class Check {
  readonly asked: Resources;
  readonly offered: OfferedLimits;
  readonly changes: Record<string, JsonValue> = {};
  readonly warnings: string[] = [];

  constructor(asked: Resources, offered: OfferedLimits) {
    this.asked = asked;
    this.offered = offered;
  }

  number(name: string): number {
    const value = this.changes[name] ?? Reflect.get(this.asked, name);
    return typeof value === 'number' ? value : 0;
  }

  text(name: string): string {
    const value = Reflect.get(this.asked, name);
    return typeof value === 'string' ? value : '';
  }

  list(name: string): readonly unknown[] {
    const value: unknown = Reflect.get(this.asked, name);
    return Array.isArray(value) ? value : [];
  }

  /** Warns that the kernel lacks it, and gives the field the value that asks for nothing. */
  discard(name: string, instead: JsonValue, text: string): void {
    this.warnings.push(`Your kernel does not support ${text}`);
    this.changes[name] = instead;
  }
}

/**
 * @param update whether it changes a container: then MemorySwap may come without Memory
 * @throws ApiError 400
 */
export function checkResources(asked: Resources, host: HostLimits, update = false): Checked {
  const check = new Check(asked, host.limits);
  checkMemory(check, update);
  checkSoftMemory(check);
  checkPids(check);
  checkNanoCpus(check, host.processors);
  checkCpu(check);
  checkCpuset(check);
  checkBlockIo(check);
  return { changes: check.changes, warnings: check.warnings };
}

function checkMemory(check: Check, update: boolean): void {
  const { offered } = check;
  const given = check.number('Memory');
  if (given !== 0 && given < MIN_MEMORY) throw refuse('Minimum memory limit allowed is 6MB');
  if (given > 0 && !offered.memory) {
    const text = 'memory limit capabilities or the cgroup is not mounted. Limitation discarded.';
    check.discard('Memory', 0, text);
    check.changes['MemorySwap'] = -1;
  }
  const memory = check.number('Memory');
  if (memory > 0 && check.number('MemorySwap') !== -1 && !offered.swap)
    check.discard(
      'MemorySwap',
      -1,
      'swap limit capabilities or the cgroup is not mounted. Memory limited without swap.',
    );
  const swap = check.number('MemorySwap');
  if (memory > 0 && swap > 0 && swap < memory)
    throw refuse('Minimum memoryswap limit should be larger than memory limit, see usage');
  if (memory === 0 && swap > 0 && !update)
    throw refuse('You should always set the Memory limit when using Memoryswap limit, see usage');
}

function checkSoftMemory(check: Check): void {
  const { asked, offered } = check;
  const swappiness = 'MemorySwappiness' in asked ? (asked.MemorySwappiness ?? -1) : -1;
  if (swappiness === -1) check.changes['MemorySwappiness'] = null;
  else if (!offered.memorySwappiness)
    check.discard(
      'MemorySwappiness',
      null,
      'memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.',
    );
  else if (swappiness < 0 || swappiness > 100)
    throw refuse(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
  const memory = check.number('Memory');
  if (check.number('MemoryReservation') > 0 && !offered.memoryReservation)
    check.discard(
      'MemoryReservation',
      0,
      'memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.',
    );
  const reservation = check.number('MemoryReservation');
  if (reservation > 0 && reservation < MIN_MEMORY)
    throw refuse('Minimum memory reservation allowed is 6MB');
  if (memory > 0 && reservation > memory)
    throw refuse('Minimum memory limit can not be less than memory reservation limit, see usage');
  checkOomKiller(check, memory);
}

function checkOomKiller(check: Check, memory: number): void {
  if (check.asked.OomKillDisable !== true) return;
  if (!check.offered.oomKillDisable) {
    check.discard('OomKillDisable', false, 'OomKillDisable. OomKillDisable discarded.');
    return;
  }
  if (memory === 0)
    check.warnings.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result ' +
        'in the system running out of resources.',
    );
}

function checkPids(check: Check): void {
  if (check.number('PidsLimit') <= 0 || check.offered.pids) return;
  const text = 'PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.';
  check.discard('PidsLimit', null, text);
}

function checkNanoCpus(check: Check, processors: number): void {
  const nano = check.number('NanoCpus');
  const conflict = (other: string) =>
    refuse(`Conflicting options: Nano CPUs and CPU ${other} cannot both be set`);
  if (nano > 0 && check.number('CpuPeriod') > 0) throw conflict('Period');
  if (nano > 0 && check.number('CpuQuota') > 0) throw conflict('Quota');
  if (nano > 0 && !(check.offered.cpuPeriod && check.offered.cpuQuota))
    throw refuse(
      'NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup ' +
        'is not mounted',
    );
  if (nano < 0 || nano > processors * 1e9)
    throw refuse(
      `range of CPUs is from 0.01 to ${processors}.00, as there are only ${processors} CPUs ` +
        'available',
    );
}

function checkCpu(check: Check): void {
  const { offered } = check;
  if (check.number('CpuShares') > 0 && !offered.cpuShares)
    check.discard('CpuShares', 0, 'CPU shares or the cgroup is not mounted. Shares discarded.');
  const timed = check.number('CpuPeriod') !== 0 || check.number('CpuQuota') !== 0;
  if (timed && !(offered.cpuPeriod && offered.cpuQuota)) {
    check.discard('CpuPeriod', 0, 'CPU CFS scheduler. CPU period/quota discarded.');
    check.changes['CpuQuota'] = 0;
  }
  const period = check.number('CpuPeriod');
  if (period !== 0 && (period < 1000 || period > 1_000_000))
    throw refuse(
      'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)',
    );
  const quota = check.number('CpuQuota');
  if (quota > 0 && quota < 1000) throw refuse('CPU cfs quota can not be less than 1ms (i.e. 1000)');
  const [runtime, realtime] = [
    check.number('CpuRealtimeRuntime'),
    check.number('CpuRealtimePeriod'),
  ];
  if ((runtime > 0 || realtime > 0) && !offered.cpuRealtime)
    throw refuse('kernel does not support CPU real-time scheduler');
  if (realtime !== 0 && runtime > realtime)
    throw refuse('cpu real-time runtime cannot be higher than cpu real-time period');
  if (check.number('CpuPercent') <= 0) return;
  check.warnings.push('linux does not support CPU percent. Percent discarded.');
  check.changes['CpuPercent'] = 0;
}

function checkCpuset(check: Check): void {
  const { offered } = check;
  const cpus = check.text('CpusetCpus');
  const mems = check.text('CpusetMems');
  if ((cpus !== '' || mems !== '') && !offered.cpuset) {
    check.discard('CpusetCpus', '', 'cpuset or the cgroup is not mounted. Cpuset discarded.');
    check.changes['CpusetMems'] = '';
    return;
  }
  checkList(cpus, offered.cpus, 'cpuset cpus', 'CPUs');
  checkList(mems, offered.mems, 'cpuset mems', 'memory nodes');
}

function checkList(given: string, offered: string, field: string, what: string): void {
  if (given === '') return;
  const wanted = parseList(given);
  if (wanted.kind === 'invalid')
    throw refuse(`Invalid value ${given} for ${field}: ${wanted.message}`);
  if (offered !== '' && !available(wanted.numbers, offered))
    throw refuse(`Requested ${what} are not available - requested ${given}, available: ${offered}`);
}

const THROTTLES = [
  ['BlkioDeviceReadBps', 'readBps', 'BPS Block I/O read', 'Block I/O BPS read'],
  ['BlkioDeviceWriteBps', 'writeBps', 'BPS Block I/O write', 'Block I/O BPS write'],
  ['BlkioDeviceReadIOps', 'readIops', 'IOPS Block read', 'Block I/O IOPS read'],
  ['BlkioDeviceWriteIOps', 'writeIops', 'IOPS Block write', 'Block I/O IOPS write'],
] as const;

function checkBlockIo(check: Check): void {
  const { blockIo } = check.offered;
  const weight = check.number('BlkioWeight');
  const away = 'or the cgroup is not mounted.';
  if (weight > 0 && !blockIo.weight)
    check.discard('BlkioWeight', 0, `Block I/O weight ${away} Weight discarded.`);
  else if (weight !== 0 && (weight < 10 || weight > 1000))
    throw refuse('Range of blkio weight is from 10 to 1000');
  if (check.list('BlkioWeightDevice').length > 0 && !blockIo.weightDevice)
    check.discard(
      'BlkioWeightDevice',
      [],
      `Block I/O weight_device ${away} Weight-device discarded.`,
    );
  for (const [field, limit, has, dropped] of THROTTLES)
    if (check.list(field).length > 0 && !blockIo[limit])
      check.discard(field, [], `${has} limit ${away} ${dropped} limit discarded.`);
}
