/**
 * Limits of the control group. What is absent is not set; numbers of device nodes are the host's
 * and come in by a function.
 */
import type { JsonObject, JsonValue } from '../../machines/words.ts';
import type { OciBlockIo, OciCpu, OciMemory, OciResources } from './types.ts';

/** Numbers of a device node of the host. @throws what the host says of a path that is none */
export type DeviceNumbers = (path: string) => { readonly major: number; readonly minor: number };

/** Microseconds in which NanoCpus counts. */
const PERIOD = 100_000;

/** @param fields of HostConfig, some or all */
export function resourcesOf(fields: JsonObject, numbers: DeviceNumbers): OciResources {
  const parts = {
    memory: memoryOf(fields),
    cpu: cpuOf(fields),
    pids: pidsOf(fields['PidsLimit']),
    blockIO: blockIoOf(fields, numbers),
  };
  return given(parts);
}

/** Without the members that are undefined or hold nothing. */
function given<T extends object>(
  parts: {
    readonly [K in keyof T]: T[K] | undefined;
  },
): T {
  const said = Object.entries(parts).filter(
    ([, value]) =>
      value !== undefined &&
      !(typeof value === 'object' && value !== null && Object.keys(value).length === 0),
  );
  return Object.fromEntries(said) as T;
}

const number = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && value !== 0 ? value : undefined;
const positive = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && value > 0 ? value : undefined;
const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function memoryOf(fields: JsonObject): OciMemory {
  const swappiness = fields['MemorySwappiness'];
  return given({
    limit: positive(fields['Memory']),
    reservation: positive(fields['MemoryReservation']),
    swap: number(fields['MemorySwap']),
    swappiness: typeof swappiness === 'number' ? swappiness : undefined,
    disableOOMKiller: fields['OomKillDisable'] === true ? true : undefined,
  });
}

function cpuOf(fields: JsonObject): OciCpu {
  const nano = positive(fields['NanoCpus']);
  return given({
    shares: positive(fields['CpuShares']),
    // A quota of -1 may stand beside NanoCpus, and then it counts.
    quota: number(fields['CpuQuota']) ?? (nano && Math.trunc((nano * PERIOD) / 1e9)),
    period: number(fields['CpuPeriod']) ?? (nano && PERIOD),
    realtimePeriod: number(fields['CpuRealtimePeriod']),
    realtimeRuntime: number(fields['CpuRealtimeRuntime']),
    cpus: text(fields['CpusetCpus']),
    mems: text(fields['CpusetMems']),
  });
}

/** 0 is what an update stores for "no limit", which the runtime knows as -1. */
function pidsOf(limit: JsonValue | undefined): { readonly limit: number } | undefined {
  if (typeof limit !== 'number') return undefined;
  return { limit: limit > 0 ? limit : -1 };
}

function blockIoOf(fields: JsonObject, numbers: DeviceNumbers): OciBlockIo {
  const throttle = (name: string) =>
    devices(fields[name]).map(({ path, rate }) => ({ ...numbers(path), rate }));
  return given({
    weight: positive(fields['BlkioWeight']),
    weightDevice: devices(fields['BlkioWeightDevice']).map(({ path, weight }) => ({
      ...numbers(path),
      weight,
    })),
    throttleReadBpsDevice: throttle('BlkioDeviceReadBps'),
    throttleWriteBpsDevice: throttle('BlkioDeviceWriteBps'),
    throttleReadIOPSDevice: throttle('BlkioDeviceReadIOps'),
    throttleWriteIOPSDevice: throttle('BlkioDeviceWriteIOps'),
  });
}

function devices(value: JsonValue | undefined) {
  if (!Array.isArray(value)) return [];
  return value.map((entry: JsonObject) => ({
    path: text(entry['Path']) ?? '',
    rate: number(entry['Rate']) ?? 0,
    weight: number(entry['Weight']) ?? 0,
  }));
}
