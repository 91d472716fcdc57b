/** `GET /info`: every field that clients read. What shiplog cannot do is false, not left out. */
import type { JsonObject } from '../../machines/words.ts';
import type { SystemInfo } from '../openapi.gen.ts';
import type { ApiPorts, DaemonInfo } from '../ports.ts';
import { type Handler, json } from '../request.ts';
import { rfc3339 } from '../time.ts';
import { type ApiVersion, before } from '../versions.ts';

function identity(info: DaemonInfo, nowNs: bigint) {
  return {
    ID: info.id,
    Name: info.name,
    ServerVersion: info.version,
    OperatingSystem: info.host.operatingSystem,
    OSVersion: info.host.osVersion,
    OSType: 'linux',
    Architecture: info.host.architecture,
    KernelVersion: info.host.kernelVersion,
    NCPU: info.host.cpus,
    MemTotal: info.host.memory,
    SystemTime: rfc3339(nowNs),
    DockerRootDir: info.dataRoot,
    Labels: info.labels,
    ExperimentalBuild: false,
    Debug: info.debug,
    NFd: 0,
    NGoroutines: 0,
    NEventsListener: 0,
  };
}

const DRIVERS = {
  Volume: ['local'],
  Network: ['bridge', 'host', 'null'],
  Authorization: null,
  Log: ['json-file', 'local'],
};

function storage(info: DaemonInfo) {
  return {
    Driver: info.snapshotter,
    DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
    Plugins: DRIVERS,
  };
}

function limits({ limits: offered, cgroup }: DaemonInfo): JsonObject {
  return {
    MemoryLimit: offered.memory,
    SwapLimit: offered.swap,
    ...(cgroup.version === '1' ? { KernelMemoryTCP: offered.kernelMemoryTcp } : {}),
    CpuCfsPeriod: offered.cpuPeriod,
    CpuCfsQuota: offered.cpuQuota,
    CPUShares: offered.cpuShares,
    CPUSet: offered.cpuset,
    PidsLimit: offered.pids,
    OomKillDisable: offered.oomKillDisable,
    IPv4Forwarding: offered.ipv4Forwarding,
  };
}

function securityOptions({ defaults, appArmor, cgroup }: DaemonInfo): readonly string[] {
  return [
    ...(appArmor ? ['name=apparmor'] : []),
    `name=seccomp,profile=${defaults.seccompProfile}`,
    ...(cgroup.version === '2' ? ['name=cgroupns'] : []),
    ...(defaults.noNewPrivileges ? ['name=no-new-privileges'] : []),
  ];
}

function commit(id: string, version: ApiVersion) {
  return before(version, '1.49') ? { ID: id, Expected: id } : { ID: id };
}

/** The key under which docker's clients look for them. */
const FEATURES = 'org.opencontainers.runtime-spec.features';

function runtimes(info: DaemonInfo, version: ApiVersion) {
  const told = !before(version, '1.44');
  const entries = info.runtimes.map((one): [string, JsonObject] => [
    one.name,
    {
      ...(one.path === null ? {} : { path: one.path }),
      ...(one.arguments.length > 0 ? { runtimeArgs: one.arguments } : {}),
      ...(told && one.features !== null ? { status: { [FEATURES]: one.features } } : {}),
    },
  ]);
  return {
    Runtimes: Object.fromEntries(entries),
    DefaultRuntime: info.defaultRuntime,
    InitBinary: info.defaults.initBinary,
    ContainerdCommit: commit(info.containerd.revision, version),
    RuncCommit: commit(info.runc.commit, version),
    InitCommit: commit('N/A', version),
  };
}

const swarm: JsonObject = {
  NodeID: '',
  NodeAddr: '',
  LocalNodeState: 'inactive',
  ControlAvailable: false,
  Error: '',
  RemoteManagers: null,
};

const registry: JsonObject = {
  IndexServerAddress: 'https://index.docker.io/v1/',
  RegistryConfig: { InsecureRegistryCIDRs: [], IndexConfigs: {}, Mirrors: [] },
  HttpProxy: '',
  HttpsProxy: '',
  NoProxy: '',
};

function warnings(info: DaemonInfo): readonly string[] {
  const { awaySinceNs } = info.containerd;
  const away =
    awaySinceNs === null
      ? []
      : [`containerd is away since ${rfc3339(BigInt(awaySinceNs))}: containers run on unwatched`];
  return [...away, ...info.warnings];
}

function networks({ network }: DaemonInfo, version: ApiVersion): JsonObject {
  const { pools, firewall } = network;
  const shown = pools.map(({ base, size }) => ({ Base: base, Size: size }));
  return {
    ...(shown.length === 0 ? {} : { DefaultAddressPools: shown }),
    ...(before(version, '1.49') || !firewall ? {} : { FirewallBackend: { Driver: 'nftables' } }),
  };
}

/** What the version asked for shows beside the rest. */
function versioned(info: DaemonInfo, version: ApiVersion): JsonObject {
  const { address, namespace } = info.containerd;
  const namespaces = { Containers: namespace, Plugins: namespace };
  return {
    ...(before(version, '1.50') ? { BridgeNfIptables: false, BridgeNfIp6tables: false } : {}),
    ...(before(version, '1.46')
      ? {}
      : { CDISpecDirs: [], Containerd: { Address: address, Namespaces: namespaces } }),
  };
}

function body(ports: ApiPorts, version: ApiVersion): SystemInfo {
  const info = ports.daemon.info();
  const { running, paused, stopped } = ports.containers.counts();
  return {
    ...identity(info, ports.ambient.nowNs()),
    Containers: running + paused + stopped,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: stopped,
    Images: ports.images.list().length,
    ...storage(info),
    ...limits(info),
    CgroupDriver: info.cgroup.driver,
    CgroupVersion: info.cgroup.version,
    LoggingDriver: info.defaults.logConfig.type,
    ...runtimes(info, version),
    SecurityOptions: securityOptions(info),
    ...registry,
    Swarm: swarm,
    LiveRestoreEnabled: true,
    Isolation: '',
    GenericResources: null,
    ...versioned(info, version),
    ...networks(info, version),
    Warnings: warnings(info),
  };
}

export const info: Handler = ({ ports }, request) => json(body(ports, request.version));
