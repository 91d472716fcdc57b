/**
 * HostConfig as it is stored and as inspect gives it back: every field is there, absent ones with
 * the default that dockerd shows. What a field does is effects/spec's; here it only gets its value.
 */
import type { HostConfig } from '../../machines/container.config.ts';
import type { JsonObject, JsonValue } from '../../machines/words.ts';
import type { HostConfigRequest } from '../openapi.gen.ts';
import { type ApiVersion, before } from '../versions.ts';
import { securityOpt } from './security.ts';

/** 64 MiB. */
const SHM_SIZE = 67_108_864;

export const MASKED_PATHS: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];

export const READONLY_PATHS: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

/** Fields whose absence is plain. */
const PLAIN: JsonObject = {
  Binds: null,
  ContainerIDFile: '',
  PortBindings: null,
  VolumeDriver: '',
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  CapAdd: null,
  CapDrop: null,
  Dns: null,
  DnsOptions: null,
  DnsSearch: null,
  ExtraHosts: null,
  GroupAdd: null,
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  Privileged: false,
  PublishAllPorts: false,
  SecurityOpt: null,
  UsernsMode: '',
  Isolation: '',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  BlkioWeight: 0,
  BlkioWeightDevice: null,
  BlkioDeviceReadBps: null,
  BlkioDeviceWriteBps: null,
  BlkioDeviceReadIOps: null,
  BlkioDeviceWriteIOps: null,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: null,
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: false,
  PidsLimit: null,
  Ulimits: null,
  // Of Windows alone, but shown everywhere.
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
};

/** What stands for the daemon in the defaults. */
export interface HostDefaults {
  readonly defaultRuntime: string;
  readonly cgroupVersion: '1' | '2';
  readonly ipcMode?: 'private' | 'shareable';
  readonly cgroupnsMode?: 'private' | 'host' | null;
  /** Bytes. */
  readonly shmSize?: number;
  readonly cgroupParent?: string | null;
  readonly logConfig?: {
    readonly type: string;
    readonly options: Readonly<Record<string, string>>;
  };
}

/** The daemon's options are for its own driver alone. */
function logConfig(
  asked: NonNullable<HostConfigRequest>['LogConfig'],
  { logConfig: { type, options } = { type: 'json-file', options: {} } }: HostDefaults,
): HostConfig['LogConfig'] {
  const driver = asked?.Type || type;
  const inherited = driver === type ? options : {};
  return { Type: driver, Config: { ...inherited, ...asked?.Config } };
}

function networkMode(given: string | undefined): string {
  return given === undefined || given === '' || given === 'default' ? 'bridge' : given;
}

/** Members that an entry of these lists has, whatever was said of it. */
const SHAPES: Readonly<Record<string, JsonObject>> = {
  Devices: { PathOnHost: '', PathInContainer: '', CgroupPermissions: '' },
  DeviceRequests: { Driver: '', Count: 0, DeviceIDs: null, Capabilities: null, Options: null },
  Ulimits: { Name: '', Hard: 0, Soft: 0 },
};

function shaped(fields: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(SHAPES).flatMap(([name, shape]) => {
      const list = fields[name];
      if (!Array.isArray(list)) return [];
      return [[name, list.map((entry) => ({ ...shape, ...Object(entry) }))]];
    }),
  );
}

/** Each with both of its members; what says nothing of a port means any, as an empty entry does. */
function portBindings(given: JsonObject): JsonObject {
  const whole = (one: unknown) => ({ HostIp: '', HostPort: '', ...Object(one) });
  return Object.fromEntries(
    Object.entries(given).map(([name, all]) => {
      const bindings = Array.isArray(all) && all.length > 0 ? all : [{}];
      return [name, bindings.map(whole)];
    }),
  );
}

/** The given fields that say something: `null` and absent leave the default. */
function said(given: NonNullable<HostConfigRequest>): JsonObject {
  const fields: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(given))
    if (value !== undefined && value !== null) fields[key] = value;
  return fields;
}

/** With all rights it sees the host's tree of version 1; of 2 everybody has one of its own. */
function cgroupnsMode(
  { Privileged }: NonNullable<HostConfigRequest>,
  { cgroupVersion, cgroupnsMode: wanted = null }: HostDefaults,
): string {
  if (Privileged === true && cgroupVersion === '1') return 'host';
  return wanted ?? (cgroupVersion === '2' ? 'private' : 'host');
}

/** Memory and swap together: twice the memory for whoever names the memory alone. */
function swapOf({ Memory = 0, MemorySwap = 0 }: NonNullable<HostConfigRequest>): number {
  return Memory > 0 && MemorySwap === 0 ? Memory * 2 : MemorySwap;
}

/** @param version older clients' fields that did not exist then are dropped. */
export function hostConfig(
  given: HostConfigRequest,
  defaults: HostDefaults,
  version: ApiVersion,
): HostConfig {
  const asked = given ?? {};
  const { Annotations, ...fields } = said(asked);
  const annotated = Annotations !== undefined && !before(version, '1.43');
  return {
    ...PLAIN,
    ...fields,
    ...(annotated ? { Annotations } : {}),
    NetworkMode: networkMode(asked.NetworkMode),
    AutoRemove: asked.AutoRemove ?? false,
    IpcMode: asked.IpcMode || (defaults.ipcMode ?? 'private'),
    PidMode: asked.PidMode ?? '',
    UTSMode: asked.UTSMode ?? '',
    CgroupnsMode: asked.CgroupnsMode || cgroupnsMode(asked, defaults),
    CgroupParent: asked.CgroupParent || (defaults.cgroupParent ?? ''),
    ReadonlyRootfs: asked.ReadonlyRootfs ?? false,
    Runtime: asked.Runtime || defaults.defaultRuntime,
    ShmSize: asked.ShmSize || (defaults.shmSize ?? SHM_SIZE),
    MaskedPaths: asked.MaskedPaths ?? (asked.Privileged === true ? null : MASKED_PATHS),
    ReadonlyPaths: asked.ReadonlyPaths ?? (asked.Privileged === true ? null : READONLY_PATHS),
    LogConfig: logConfig(asked.LogConfig, defaults),
    RestartPolicy: {
      Name: asked.RestartPolicy?.Name || 'no',
      MaximumRetryCount: asked.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    SecurityOpt: securityOpt(asked),
    ...shaped(fields),
    ...(asked.PortBindings ? { PortBindings: portBindings(asked.PortBindings) } : {}),
    MemorySwap: swapOf(asked),
    PidsLimit: (asked.PidsLimit ?? 0) > 0 ? (asked.PidsLimit ?? null) : null,
  };
}
