/** Generated from api/openapi.yaml by api/openapi/generate.ts. Do not edit. */
import type { JsonValue } from '../machines/words.ts';
import type { Schema } from './openapi/schema.ts';

export type ErrorResponse = { readonly message: string; };
export type WaitCondition = 'not-running' | 'next-exit' | 'removed';
export type StringMap = { readonly [key: string]: string; } | null;
export type StringList = readonly (string)[] | null;
export type Words = readonly (string)[] | null;
export type ObjectMap = { readonly [key: string]: JsonValue; } | null;
export type ObjectList = readonly ({ readonly [key: string]: JsonValue; })[] | null;
export type ContainerConfigRequest = { readonly Hostname?: string;
readonly Domainname?: string;
readonly User?: string;
readonly AttachStdin?: boolean;
readonly AttachStdout?: boolean;
readonly AttachStderr?: boolean;
readonly ExposedPorts?: ObjectMap;
readonly Tty?: boolean;
readonly OpenStdin?: boolean;
readonly StdinOnce?: boolean;
readonly Env?: StringList;
readonly Cmd?: Words;
readonly Healthcheck?: HealthConfig;
readonly ArgsEscaped?: boolean;
readonly Image?: string;
readonly Volumes?: ObjectMap;
readonly WorkingDir?: string;
readonly Entrypoint?: Words;
readonly NetworkDisabled?: boolean;
readonly MacAddress?: string;
readonly OnBuild?: StringList;
readonly Labels?: StringMap;
readonly StopSignal?: string;
/** Seconds */ readonly StopTimeout?: number | null;
readonly Shell?: Words; };
export type ContainerCreateRequest = ContainerConfigRequest & { readonly HostConfig?: HostConfigRequest;
readonly NetworkingConfig?: NetworkingConfig; };
export type NetworkingConfig = { readonly EndpointsConfig?: { readonly [key: string]: EndpointSettings; } | null; } | null;
export type EndpointSettings = { readonly IPAMConfig?: { readonly IPv4Address?: string;
readonly IPv6Address?: string;
readonly LinkLocalIPs?: StringList; } | null;
readonly Links?: StringList;
readonly Aliases?: StringList;
readonly DriverOpts?: StringMap;
readonly GwPriority?: number;
readonly MacAddress?: string; } | null;
export type LogConfig = { readonly Type?: string;
readonly Config?: StringMap; };
export type ImageCreated = { readonly Id: string; };
export type Changes = readonly ({ readonly Path: string;
/** 0 changed, 1 added, 2 removed */ readonly Kind: number; })[] | null;
export type HealthConfig = { readonly Test?: StringList;
readonly Interval?: number;
readonly Timeout?: number;
readonly StartPeriod?: number;
readonly StartInterval?: number;
readonly Retries?: number; } | null;
export type RestartPolicy = { readonly Name?: string;
readonly MaximumRetryCount?: number; };
export type ContainerUpdateRequest = { readonly RestartPolicy?: RestartPolicy;
readonly CpuShares?: number;
/** Bytes */ readonly Memory?: number;
readonly NanoCpus?: number;
readonly BlkioWeight?: number;
readonly BlkioWeightDevice?: ObjectList;
readonly BlkioDeviceReadBps?: ObjectList;
readonly BlkioDeviceWriteBps?: ObjectList;
readonly BlkioDeviceReadIOps?: ObjectList;
readonly BlkioDeviceWriteIOps?: ObjectList;
readonly CpuPeriod?: number;
readonly CpuQuota?: number;
readonly CpuRealtimePeriod?: number;
readonly CpuRealtimeRuntime?: number;
readonly CpusetCpus?: string;
readonly CpusetMems?: string;
readonly MemoryReservation?: number;
readonly MemorySwap?: number;
readonly MemorySwappiness?: number | null;
readonly OomKillDisable?: boolean | null;
readonly PidsLimit?: number | null; };
export type ContainerUpdated = { readonly Warnings: StringList; };
export type HostConfigRequest = { readonly Binds?: StringList;
readonly ContainerIDFile?: string;
readonly LogConfig?: LogConfig;
readonly NetworkMode?: string;
readonly PortBindings?: ObjectMap;
readonly RestartPolicy?: RestartPolicy;
readonly AutoRemove?: boolean;
readonly VolumeDriver?: string;
readonly VolumesFrom?: StringList;
/** Height and width */ readonly ConsoleSize?: readonly (number)[] | null;
readonly Annotations?: StringMap;
readonly CapAdd?: Words;
readonly CapDrop?: Words;
readonly CgroupnsMode?: string;
readonly Dns?: StringList;
readonly DnsOptions?: StringList;
readonly DnsSearch?: StringList;
readonly ExtraHosts?: StringList;
readonly GroupAdd?: StringList;
readonly IpcMode?: string;
readonly Cgroup?: string;
readonly Links?: StringList;
readonly OomScoreAdj?: number;
readonly PidMode?: string;
readonly Privileged?: boolean;
readonly PublishAllPorts?: boolean;
readonly ReadonlyRootfs?: boolean;
readonly SecurityOpt?: StringList;
readonly StorageOpt?: StringMap;
readonly Tmpfs?: StringMap;
readonly UTSMode?: string;
readonly UsernsMode?: string;
/** Bytes */ readonly ShmSize?: number;
readonly CpuPercent?: number;
readonly Sysctls?: StringMap;
readonly Runtime?: string;
readonly Isolation?: string;
readonly CpuShares?: number;
/** Bytes */ readonly Memory?: number;
readonly NanoCpus?: number;
readonly CgroupParent?: string;
readonly BlkioWeight?: number;
readonly BlkioWeightDevice?: ObjectList;
readonly BlkioDeviceReadBps?: ObjectList;
readonly BlkioDeviceWriteBps?: ObjectList;
readonly BlkioDeviceReadIOps?: ObjectList;
readonly BlkioDeviceWriteIOps?: ObjectList;
readonly CpuPeriod?: number;
readonly CpuQuota?: number;
readonly CpuRealtimePeriod?: number;
readonly CpuRealtimeRuntime?: number;
readonly CpusetCpus?: string;
readonly CpusetMems?: string;
readonly Devices?: ObjectList;
readonly DeviceCgroupRules?: StringList;
readonly DeviceRequests?: ObjectList;
readonly MemoryReservation?: number;
readonly MemorySwap?: number;
readonly MemorySwappiness?: number | null;
readonly OomKillDisable?: boolean | null;
readonly PidsLimit?: number | null;
readonly Ulimits?: ObjectList;
readonly Mounts?: readonly (MountRequest)[] | null;
readonly Init?: boolean | null;
readonly MaskedPaths?: StringList;
readonly ReadonlyPaths?: StringList; } | null;
export type ContainerCreated = { readonly Id: string;
readonly Warnings: readonly (string)[]; };
export type ContainersPruned = { readonly ContainersDeleted: StringList;
/** Bytes */ readonly SpaceReclaimed: number; };
export type ContainerSummary = { readonly Id: string;
readonly Names: readonly (string)[];
readonly Image: string;
readonly ImageID: string;
readonly Command: string;
/** Seconds since 1970 */ readonly Created: number;
readonly Ports: readonly (ListedPort)[];
readonly SizeRw?: number;
readonly SizeRootFs?: number;
readonly Labels: { readonly [key: string]: string; };
readonly State: string;
readonly Status: string;
readonly HostConfig: { readonly NetworkMode: string;
readonly Annotations?: { readonly [key: string]: string; }; };
readonly Health?: HealthSummary;
readonly NetworkSettings: NetworkSummary;
readonly Mounts: readonly (MountPointView)[]; };
export type HealthSummary = { readonly Status: string;
readonly FailingStreak: number; };
export type Health = { readonly Status: string;
readonly FailingStreak: number;
readonly Log: readonly (HealthcheckResult)[]; };
export type HealthcheckResult = { readonly Start: string;
readonly End: string;
/** -1 if it took too long or could not be run */ readonly ExitCode: number;
readonly Output: string; };
export type NetworkSummary = { readonly Networks: { readonly [key: string]: JsonValue; }; };
export type ContainerState = { readonly Status: string;
readonly Running: boolean;
readonly Paused: boolean;
readonly Restarting: boolean;
readonly OOMKilled: boolean;
readonly Dead: boolean;
readonly Pid: number;
/** 255 if nobody can know it any more */ readonly ExitCode: number;
readonly Error: string;
readonly StartedAt: string;
readonly FinishedAt: string;
readonly Health?: Health; };
export type ContainerInspect = { readonly Id: string;
readonly Shiplog: ShiplogState;
readonly Created: string;
readonly Path: string;
readonly Args: readonly (string)[];
readonly State: ContainerState;
readonly Image: string;
readonly ResolvConfPath: string;
readonly HostnamePath: string;
readonly HostsPath: string;
readonly LogPath: string;
readonly Name: string;
readonly RestartCount: number;
readonly Driver: string;
readonly Platform: string;
readonly MountLabel: string;
readonly ProcessLabel: string;
readonly AppArmorProfile: string;
readonly ExecIDs: readonly (string)[] | null;
readonly HostConfig: { readonly [key: string]: JsonValue; };
readonly GraphDriver?: GraphDriver;
readonly Storage?: { readonly [key: string]: JsonValue; };
readonly SizeRw?: number;
readonly SizeRootFs?: number;
readonly Mounts: readonly (MountPointView)[];
readonly Config: { readonly [key: string]: JsonValue; };
readonly NetworkSettings: { readonly [key: string]: JsonValue; }; };
export type GraphDriver = { readonly Name: string;
readonly Data: { readonly [key: string]: string; } | null; };
export type ContainerStats = { readonly read: string;
readonly preread: string;
readonly pids_stats: { readonly current?: number;
readonly limit?: number; };
readonly blkio_stats?: { readonly [key: string]: readonly (BlockCount)[] | null; };
readonly num_procs?: number;
readonly storage_stats?: {  };
readonly cpu_stats: CpuStats;
readonly precpu_stats: CpuStats;
readonly memory_stats: { readonly usage?: number;
readonly max_usage?: number;
readonly failcnt?: number;
readonly limit?: number;
readonly stats?: { readonly [key: string]: number; };
/** Never given; of Windows */ readonly commitbytes?: number;
/** Never given; of Windows */ readonly commitpeakbytes?: number;
/** Never given; of Windows */ readonly privateworkingset?: number; };
readonly name: string;
readonly id: string;
readonly os_type?: string;
readonly networks?: { readonly [key: string]: { readonly [key: string]: number; }; }; };
export type BlockCount = { readonly major?: number;
readonly minor?: number;
readonly op?: string;
readonly value?: number; };
export type CpuStats = { readonly cpu_usage?: { /** Nanoseconds */ readonly total_usage?: number;
readonly percpu_usage?: readonly (number)[];
readonly usage_in_kernelmode?: number;
readonly usage_in_usermode?: number; };
readonly system_cpu_usage?: number;
readonly online_cpus?: number;
readonly throttling_data?: { readonly [key: string]: number; }; };
export type ProcessTable = { readonly Titles: readonly (string)[];
readonly Processes: readonly (readonly (string)[])[]; };
export type ExecCreateRequest = { readonly Cmd?: StringList;
readonly Env?: StringList;
readonly User?: string;
readonly WorkingDir?: string;
readonly Privileged?: boolean;
readonly AttachStdin?: boolean;
readonly AttachStdout?: boolean;
readonly AttachStderr?: boolean;
readonly Tty?: boolean;
readonly DetachKeys?: string;
/** Height and width */ readonly ConsoleSize?: readonly (number)[] | null; };
export type ExecStartRequest = { readonly Detach?: boolean;
readonly Tty?: boolean;
/** Height and width */ readonly ConsoleSize?: readonly (number)[] | null; };
export type ExecCreated = { readonly Id: string; };
export type ExecInspect = { readonly ID: string;
readonly Running: boolean;
readonly ExitCode: number | null;
readonly ProcessConfig: { readonly tty: boolean;
readonly entrypoint: string;
readonly arguments: readonly (string)[];
readonly privileged: boolean;
readonly user?: string; };
readonly OpenStdin: boolean;
readonly OpenStdout: boolean;
readonly OpenStderr: boolean;
readonly CanRemove: boolean;
readonly ContainerID: string;
readonly DetachKeys: string;
readonly Pid: number; };
export type WaitResponse = { readonly StatusCode: number;
readonly Error?: { readonly Message: string; }; };
export type EventMessage = { /** Below 1.52 */ readonly status?: string;
/** Below 1.52 */ readonly id?: string;
/** Below 1.52 */ readonly from?: string;
readonly Type: string;
readonly Action: string;
readonly Actor: { readonly ID: string;
readonly Attributes: { readonly [key: string]: string; }; };
readonly scope: string;
/** Seconds since 1970 */ readonly time: number;
/** Nanoseconds since 1970 */ readonly timeNano: number; };
export type ImageSummary = { readonly Id: string;
readonly ParentId: string;
readonly RepoTags: readonly (string)[];
readonly RepoDigests: readonly (string)[];
readonly Created: number;
readonly Size: number;
readonly SharedSize: number;
readonly VirtualSize?: number;
readonly Labels: { readonly [key: string]: JsonValue; } | null;
readonly Containers: number;
readonly Manifests?: ObjectList; };
export type ImageDeleted = { readonly Untagged?: string;
readonly Deleted?: string; };
export type ImagesPruned = { readonly ImagesDeleted: readonly (ImageDeleted)[] | null;
readonly SpaceReclaimed: number; };
export type ImageHistoryItem = { readonly Id: string;
readonly Created: number;
readonly CreatedBy: string;
readonly Tags: StringList;
readonly Size: number;
readonly Comment: string; };
export type ImageInspect = { readonly Id: string;
readonly RepoTags: readonly (string)[];
readonly RepoDigests: readonly (string)[];
readonly Parent?: string;
readonly Comment: string;
readonly Created: string;
readonly Container?: string;
readonly ContainerConfig?: { readonly [key: string]: JsonValue; };
readonly DockerVersion?: string;
readonly Author: string;
readonly Config: { readonly [key: string]: JsonValue; };
readonly Architecture: string;
readonly Variant?: string;
readonly Os: string;
readonly Size: number;
readonly VirtualSize?: number;
readonly GraphDriver?: GraphDriver;
readonly RootFS: { readonly Type: string;
readonly Layers: readonly (string)[]; };
readonly Metadata: { readonly LastTagTime: string; };
readonly Descriptor?: { readonly [key: string]: JsonValue; };
readonly Manifests?: ObjectList; };
export type ProgressMessage = { readonly status?: string;
readonly stream?: string;
readonly error?: string;
readonly errorDetail?: { readonly message: string; }; };
export type Network = { readonly Name: string;
readonly Id: string;
readonly Created: string;
readonly Scope: string;
readonly Driver: string;
readonly EnableIPv4?: boolean;
readonly EnableIPv6: boolean;
readonly IPAM: { readonly Driver: string;
readonly Options: StringMap;
readonly Config: ObjectList; };
readonly Internal: boolean;
readonly Attachable: boolean;
readonly Ingress: boolean;
readonly ConfigFrom?: { readonly Network?: string; };
readonly ConfigOnly?: boolean;
readonly Containers?: { readonly [key: string]: Member; };
readonly Options?: StringMap;
readonly Labels?: StringMap; };
export type Member = { readonly Name: string;
readonly EndpointID: string;
readonly MacAddress: string;
readonly IPv4Address: string;
readonly IPv6Address: string; };
export type ListedPort = { readonly IP?: string;
readonly PrivatePort: number;
readonly PublicPort?: number;
readonly Type: string; };
export type NetworkCreateRequest = { readonly Name?: string;
readonly CheckDuplicate?: boolean;
readonly Driver?: string;
readonly Scope?: string;
readonly Internal?: boolean;
readonly Attachable?: boolean;
readonly Ingress?: boolean;
readonly ConfigOnly?: boolean;
readonly ConfigFrom?: { readonly Network?: string; } | null;
readonly EnableIPv4?: boolean | null;
readonly EnableIPv6?: boolean | null;
readonly IPAM?: { readonly Driver?: string;
readonly Options?: StringMap;
readonly Config?: readonly (IpamPool)[] | null; } | null;
readonly Options?: StringMap;
readonly Labels?: StringMap; };
export type IpamPool = { readonly Subnet?: string;
readonly IPRange?: string;
readonly Gateway?: string;
readonly AuxiliaryAddresses?: StringMap; };
export type NetworkCreated = { readonly Id: string;
readonly Warning: string; };
export type NetworkConnectRequest = { readonly Container?: string;
readonly EndpointConfig?: EndpointSettings; };
export type NetworkDisconnectRequest = { readonly Container?: string;
readonly Force?: boolean; };
export type NetworksPruned = { readonly NetworksDeleted: StringList; };
export type BuildCachePruned = { readonly CachesDeleted: readonly (string)[] | null;
readonly SpaceReclaimed: number; };
export type VolumesPruned = { readonly VolumesDeleted: StringList;
readonly SpaceReclaimed: number; };
export type VolumeList = { readonly Volumes: readonly (Volume)[];
readonly Warnings: readonly (string)[] | null; };
export type VolumeCreateRequest = { readonly Name?: string;
readonly Driver?: string;
readonly DriverOpts?: StringMap;
readonly Labels?: StringMap;
readonly ClusterVolumeSpec?: ObjectMap; };
export type Volume = { readonly CreatedAt: string;
readonly Driver: string;
readonly Labels: { readonly [key: string]: string; } | null;
readonly Mountpoint: string;
readonly Name: string;
readonly Options: { readonly [key: string]: string; } | null;
readonly Scope: string;
/** In `/system/df` alone. */ readonly UsageData?: { /** Bytes; -1 if it could not be measured */ readonly Size: number;
readonly RefCount: number; }; };
export type MountPointView = { readonly Type: string;
readonly Name?: string;
readonly Source: string;
readonly Destination: string;
readonly Driver?: string;
readonly Mode: string;
readonly RW: boolean;
readonly Propagation: string; };
export type MountRequest = { readonly Type?: string;
readonly Source?: string;
readonly Target?: string;
readonly ReadOnly?: boolean;
readonly Consistency?: string;
readonly BindOptions?: { readonly Propagation?: string;
readonly NonRecursive?: boolean;
/** From 1.42 */ readonly CreateMountpoint?: boolean;
/** From 1.44 */ readonly ReadOnlyNonRecursive?: boolean;
/** From 1.44 */ readonly ReadOnlyForceRecursive?: boolean; } | null;
readonly VolumeOptions?: { readonly NoCopy?: boolean;
readonly Labels?: StringMap;
readonly DriverConfig?: { readonly Name?: string;
readonly Options?: StringMap; } | null;
/** From 1.45 */ readonly Subpath?: string; } | null;
readonly TmpfsOptions?: { readonly SizeBytes?: number;
readonly Mode?: number;
/** From 1.46 */ readonly Options?: readonly (readonly (string)[])[] | null; } | null;
readonly ImageOptions?: ObjectMap; };
export type DiskUsage = { /** Bytes, each layer once */ readonly LayersSize?: number;
readonly Images?: readonly (ImageSummary)[] | null;
readonly Containers?: readonly (ContainerSummary)[] | null;
readonly Volumes?: readonly (Volume)[] | null;
readonly BuildCache?: ObjectList;
/** Below 1.42 */ readonly BuilderSize?: number;
readonly ImageUsage?: Usage;
readonly ContainerUsage?: Usage;
readonly VolumeUsage?: Usage;
readonly BuildCacheUsage?: Usage; };
export type UsageType = 'container' | 'image' | 'volume' | 'build-cache';
export type Usage = { readonly ActiveCount: number;
readonly TotalCount: number;
/** Bytes */ readonly TotalSize: number;
/** Bytes */ readonly Reclaimable: number;
readonly Items?: ObjectList; };
export type VersionInfo = { readonly Platform: { readonly Name: string; };
readonly Components: readonly ({ readonly Name: string;
readonly Version: string;
readonly Details: { readonly [key: string]: string; }; })[];
readonly Version: string;
readonly ApiVersion: string;
readonly MinAPIVersion: string;
readonly GitCommit: string;
/** The language runtime, here Node */ readonly GoVersion: string;
readonly Os: string;
readonly Arch: string;
readonly KernelVersion: string;
readonly BuildTime: string; };
export type Commit = { readonly ID: string;
readonly Expected?: string; };
export type SystemInfo = { readonly ID: string;
readonly Name: string;
readonly ServerVersion: string;
readonly Containers: number;
readonly ContainersRunning: number;
readonly ContainersPaused: number;
readonly ContainersStopped: number;
readonly Images: number;
readonly Driver: string;
readonly DriverStatus: readonly (readonly (string)[])[];
readonly Plugins: { readonly Volume: StringList;
readonly Network: StringList;
readonly Authorization: StringList;
readonly Log: StringList; };
readonly Swarm: { readonly [key: string]: JsonValue; };
readonly SecurityOptions: readonly (string)[];
readonly ContainerdCommit?: Commit;
readonly RuncCommit?: Commit;
readonly InitCommit?: Commit;
readonly [key: string]: JsonValue | undefined; };
export type ShiplogState = { /** The machine's own word, e.g. exited.cleaning */ readonly State: string;
/** The step that holds it up; empty: nothing does */ readonly WaitsFor: string;
/** Since when it waits; the zero time if it does not */ readonly Since: string;
/** In vain since this daemon was started */ readonly Tries: number;
readonly LastError: string;
/** What the latest run was locked to; null before the first */ readonly Runtime: ShiplogRuntime | null;
/** Directory of the host that is its root; empty: none is */ readonly RootPath: string;
/** The user's own OCI spec, without its environment */ readonly Spec: { readonly [key: string]: JsonValue; } | null; };
export type ShiplogRuntime = { /** As the container names it */ readonly Name: string;
/** containerd's name of it */ readonly Shim: string;
/** What the shim was told */ readonly Options: { readonly [key: string]: JsonValue; };
/** The OCI runtime; empty: the shim's own */ readonly Path: string;
readonly Arguments: readonly (string)[];
/** The script with the arguments; empty: there is none */ readonly Wrapper: string;
/** sha256:…, of the script */ readonly WrapperDigest: string; };
export type NativeWaiting = { /** An effect, or `timer <key>` */ readonly effect: string;
/** For people */ readonly words: string;
/** RFC 3339 */ readonly since: string;
/** Timers: when it is over */ readonly due: string | null;
/** In vain since this daemon was started */ readonly tries: number;
readonly lastError: string | null; };
export type NativeFact = { readonly kind: 'fact';
/** In the whole log, from 1, without a gap */ readonly position: number;
readonly stream: string;
/** In its stream, from 1, without a gap */ readonly version: number;
readonly type: string;
/** RFC 3339 with nine digits */ readonly at: string;
/** Decimal nanoseconds since 1970 */ readonly atNs: string;
/** The machine's value after it */ readonly state: JsonValue;
readonly data: { readonly [key: string]: JsonValue; };
readonly cause: NativeCause;
readonly caller: NativeCaller | null;
/** Of the machine that folded it */ readonly revision: number; };
export type NativeProgress = { readonly kind: 'progress';
readonly position: number;
/** The head when it began */ readonly of: number; };
export type NativeFailed = { readonly kind: 'failed';
readonly message: string; };
export type NativeVerified = { readonly kind: 'verified';
readonly ok: boolean;
/** Checked; if all is well */ readonly facts?: number;
/** Of the newest fact, if it is not their number */ readonly position?: number;
/** Of the newest fact; if all is well */ readonly hash?: string;
/** Of the first bad row: facts, or one that follows */ readonly table?: string;
/** Position */ readonly row?: string;
readonly problem?: string; };
export type NativeRebuilt = { readonly kind: 'rebuilt';
/** Position of the newest fact that was folded */ readonly facts: number;
/** Rows that were not what the facts say and now are */ readonly rows: number;
/** The first of them */ readonly first: readonly ({ readonly table: string;
/** Its key */ readonly row: string;
readonly problem: string; })[]; };
export type NativeLabels = { readonly [key: string]: string | null; };
export type NativeCreate = { /** Name or id; this or rootPath */ readonly image?: string;
/** Directory of the host that is the root file system; it is used in place and never removed, and what is mounted below it is not seen */ readonly rootPath?: string;
/** An OCI runtime spec for Linux. shiplog puts in the path of the root, the control group and the network namespace that it makes; hooks are refused */ readonly spec?: { readonly [key: string]: JsonValue; };
readonly options?: ContainerCreateRequest; };
export type NativeContainers = { /** As of this one */ readonly position: number;
/** Newest first */ readonly containers: readonly (NativeSummary)[]; };
export type NativeSummary = { readonly id: string;
readonly name: string;
readonly image: string;
readonly command: readonly (string)[];
/** The machine's own word */ readonly state: string;
/** Docker's word */ readonly status: string;
readonly createdAt: string;
readonly startedAt: string | null;
readonly finishedAt: string | null;
readonly exitCode: number | null;
readonly exitKnown: boolean;
/** The latest; 0: it was never started */ readonly run: number;
/** 0: it does not run */ readonly pid: number;
readonly labels: { readonly [key: string]: string; };
readonly health: string | null; };
export type NativeLink = { readonly position: number;
/** The container's, or that of what belongs to it */ readonly stream: string;
readonly at: string;
readonly fact: string;
/** Of the stream after it */ readonly state: string;
readonly sentence: string;
readonly by: NativeCaller | null;
/** That led to it */ readonly command: string | null;
/** That carried the command */ readonly request: string | null;
/** That it is the outcome of */ readonly effect: string | null;
/** What was seen unasked */ readonly observation: string | null; };
export type NativeHealth = { readonly status: 'starting' | 'healthy' | 'unhealthy';
readonly since: string;
/** Failures in a row */ readonly streak: number;
/** The newest that is on record */ readonly probe: NativeProbe | null; };
export type NativeProbe = { readonly position: number;
/** When it ended */ readonly at: string;
/** -1: it took too long, or could not be run */ readonly exitCode: number; };
export type NativeWhy = { readonly id: string;
readonly name: string;
readonly state: string;
/** In plain sentences */ readonly answer: string;
/** null: nothing is checked */ readonly health: NativeHealth | null;
readonly waitsFor: NativeWaiting | null;
readonly chain: readonly (NativeLink)[]; };
export type NativeCause = { readonly command?: string;
/** Id of the request that carried the command */ readonly request?: string;
/** Agenda id, `<position>.<index>` */ readonly effect?: string;
readonly observation?: string; };
export type NativeDamaged = { readonly kind: 'damaged';
readonly position: number;
readonly stream: string;
readonly version: number;
readonly type: string;
readonly at: string;
readonly atNs: string; };
export type NativeMark = { readonly kind: 'caught-up' | 'heartbeat';
/** All facts up to it were looked at */ readonly position: number; };
export type NativeEvent = NativeFact | NativeDamaged | NativeMark;
export type NativeSubscriber = { readonly stream: 'docker' | 'native';
readonly by: NativeCaller;
/** All up to it was taken */ readonly position: number;
/** Facts between it and the head */ readonly lag: number; };
export type NativeCaller = { readonly kind: 'unix' | 'tcp' | 'daemon';
readonly uid?: number;
readonly gid?: number;
readonly pid?: number;
readonly executable?: string;
readonly userAgent?: string; };
export type NativeDifference = { readonly kind: string;
/** Id of the container, record, snapshot or image */ readonly subject: string;
readonly sentence: string; };
export type NativeReconcileRequest = { /** Only look */ readonly dryRun?: boolean;
/** Ids of records in containerd to take over */ readonly adopt?: readonly (string)[];
readonly adoptAll?: boolean; };
export type NativeReconcile = { /** RFC 3339 */ readonly at: string;
/** Containers compared */ readonly checked: number;
readonly differences: readonly (NativeDifference)[]; };
export type NativeNotAdopted = { readonly id: string;
readonly reason: string; };
export type NativeReloadReport = { readonly changed: readonly (string)[];
/** The file has another value that only a restart brings */ readonly atRestart: readonly (string)[];
readonly warnings: readonly (string)[]; };
export type NativeReconcileReport = { /** RFC 3339 */ readonly at: string;
/** Containers compared */ readonly checked: number;
readonly differences: readonly (NativeDifference)[];
readonly dryRun: boolean;
readonly adopted: readonly (string)[];
readonly notAdopted: readonly (NativeNotAdopted)[]; };
export type NativeStatus = { readonly version: string;
/** Of the newest fact in the log */ readonly position: number;
/** The first reconcile is over */ readonly ready: boolean;
readonly containerd: { readonly connected: boolean;
readonly awaySince: string | null;
readonly version: string;
readonly address: string;
readonly namespace: string; };
readonly stdio: { readonly connected: boolean;
readonly awaySince: string | null; };
readonly stoppedActors: readonly ({ readonly stream: string;
readonly reason: string; })[];
/** What is asked and not answered */ readonly agenda: { readonly effects: number;
readonly timers: number;
/** Ends that are awaited */ readonly exits: number; };
readonly reconcile: NativeReconcile | null;
readonly waiting: readonly ({ readonly id: string;
readonly name: string;
readonly state: string;
readonly waitsFor: NativeWaiting; })[];
readonly subscribers: readonly (NativeSubscriber)[]; };
export type NativeRun = { readonly run: number;
readonly startedAt: string | null;
readonly pid: number;
readonly exit: NativeExit | null; };
export type NativeExit = { /** null: nobody knows */ readonly code: number | null;
/** When containerd says it ended */ readonly at: string | null;
readonly recordedAt: string;
readonly oomKilled: boolean;
/** All output was read before */ readonly outputEnded: boolean;
readonly evidence: string; };
export type NativeState = { readonly state: string;
/** What led to it */ readonly fact: string;
readonly position: number;
readonly at: string;
readonly by: NativeCaller | null; };
export type NativeRemoval = { readonly askedAt: string;
/** null: under way */ readonly removedAt: string | null;
/** caller, auto-remove or create-failed */ readonly reason: string;
readonly by: NativeCaller | null; };
export type NativeContainer = { readonly id: string;
readonly name: string;
readonly image: string;
readonly command: readonly (string)[];
/** The machine's own word */ readonly state: string;
readonly createdAt: string;
/** null: it was made here */ readonly adopted: { /** What nobody can tell */ readonly unknown: readonly (string)[]; } | null;
readonly waitsFor: NativeWaiting | null;
readonly states: readonly (NativeState)[];
readonly runs: readonly (NativeRun)[];
readonly removal: NativeRemoval | null;
/** There were more facts than these */ readonly shortened: boolean; };

/** Types that `requestSchemas` describe, by name. */
export interface RequestTypes { readonly ContainerConfigRequest: ContainerConfigRequest;
readonly ContainerCreateRequest: ContainerCreateRequest;
readonly ContainerUpdateRequest: ContainerUpdateRequest;
readonly EndpointSettings: EndpointSettings;
readonly ExecCreateRequest: ExecCreateRequest;
readonly ExecStartRequest: ExecStartRequest;
readonly HealthConfig: HealthConfig;
readonly HostConfigRequest: HostConfigRequest;
readonly IpamPool: IpamPool;
readonly LogConfig: LogConfig;
readonly MountRequest: MountRequest;
readonly NativeCreate: NativeCreate;
readonly NativeLabels: NativeLabels;
readonly NativeReconcileRequest: NativeReconcileRequest;
readonly NetworkConnectRequest: NetworkConnectRequest;
readonly NetworkCreateRequest: NetworkCreateRequest;
readonly NetworkDisconnectRequest: NetworkDisconnectRequest;
readonly NetworkingConfig: NetworkingConfig;
readonly ObjectList: ObjectList;
readonly ObjectMap: ObjectMap;
readonly RestartPolicy: RestartPolicy;
readonly StringList: StringList;
readonly StringMap: StringMap;
readonly VolumeCreateRequest: VolumeCreateRequest;
readonly Words: Words; }

export const requestSchemas: { readonly [Name in keyof RequestTypes]: Schema } =
{
 "ContainerConfigRequest": {
  "description": "What runs in the container.",
  "type": "object",
  "properties": {
   "Hostname": {
    "type": "string"
   },
   "Domainname": {
    "type": "string"
   },
   "User": {
    "type": "string"
   },
   "AttachStdin": {
    "type": "boolean"
   },
   "AttachStdout": {
    "type": "boolean"
   },
   "AttachStderr": {
    "type": "boolean"
   },
   "ExposedPorts": {
    "$ref": "#/components/schemas/ObjectMap"
   },
   "Tty": {
    "type": "boolean"
   },
   "OpenStdin": {
    "type": "boolean"
   },
   "StdinOnce": {
    "type": "boolean"
   },
   "Env": {
    "$ref": "#/components/schemas/StringList"
   },
   "Cmd": {
    "$ref": "#/components/schemas/Words"
   },
   "Healthcheck": {
    "$ref": "#/components/schemas/HealthConfig"
   },
   "ArgsEscaped": {
    "type": "boolean"
   },
   "Image": {
    "type": "string"
   },
   "Volumes": {
    "$ref": "#/components/schemas/ObjectMap"
   },
   "WorkingDir": {
    "type": "string"
   },
   "Entrypoint": {
    "$ref": "#/components/schemas/Words"
   },
   "NetworkDisabled": {
    "type": "boolean"
   },
   "MacAddress": {
    "type": "string"
   },
   "OnBuild": {
    "$ref": "#/components/schemas/StringList"
   },
   "Labels": {
    "$ref": "#/components/schemas/StringMap"
   },
   "StopSignal": {
    "type": "string"
   },
   "StopTimeout": {
    "type": [
     "integer",
     "null"
    ],
    "description": "Seconds"
   },
   "Shell": {
    "$ref": "#/components/schemas/Words"
   }
  }
 },
 "ContainerCreateRequest": {
  "allOf": [
   {
    "$ref": "#/components/schemas/ContainerConfigRequest"
   },
   {
    "type": "object",
    "properties": {
     "HostConfig": {
      "$ref": "#/components/schemas/HostConfigRequest"
     },
     "NetworkingConfig": {
      "$ref": "#/components/schemas/NetworkingConfig"
     }
    }
   }
  ]
 },
 "ContainerUpdateRequest": {
  "type": "object",
  "properties": {
   "RestartPolicy": {
    "$ref": "#/components/schemas/RestartPolicy"
   },
   "CpuShares": {
    "type": "integer"
   },
   "Memory": {
    "type": "integer",
    "description": "Bytes"
   },
   "NanoCpus": {
    "type": "integer"
   },
   "BlkioWeight": {
    "type": "integer"
   },
   "BlkioWeightDevice": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "BlkioDeviceReadBps": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "BlkioDeviceWriteBps": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "BlkioDeviceReadIOps": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "BlkioDeviceWriteIOps": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "CpuPeriod": {
    "type": "integer"
   },
   "CpuQuota": {
    "type": "integer"
   },
   "CpuRealtimePeriod": {
    "type": "integer"
   },
   "CpuRealtimeRuntime": {
    "type": "integer"
   },
   "CpusetCpus": {
    "type": "string"
   },
   "CpusetMems": {
    "type": "string"
   },
   "MemoryReservation": {
    "type": "integer"
   },
   "MemorySwap": {
    "type": "integer"
   },
   "MemorySwappiness": {
    "type": [
     "integer",
     "null"
    ]
   },
   "OomKillDisable": {
    "type": [
     "boolean",
     "null"
    ]
   },
   "PidsLimit": {
    "type": [
     "integer",
     "null"
    ]
   }
  }
 },
 "EndpointSettings": {
  "type": [
   "object",
   "null"
  ],
  "properties": {
   "IPAMConfig": {
    "type": [
     "object",
     "null"
    ],
    "properties": {
     "IPv4Address": {
      "type": "string"
     },
     "IPv6Address": {
      "type": "string"
     },
     "LinkLocalIPs": {
      "$ref": "#/components/schemas/StringList"
     }
    }
   },
   "Links": {
    "$ref": "#/components/schemas/StringList"
   },
   "Aliases": {
    "$ref": "#/components/schemas/StringList"
   },
   "DriverOpts": {
    "$ref": "#/components/schemas/StringMap"
   },
   "GwPriority": {
    "type": "integer"
   },
   "MacAddress": {
    "type": "string"
   }
  }
 },
 "ExecCreateRequest": {
  "type": "object",
  "properties": {
   "Cmd": {
    "$ref": "#/components/schemas/StringList"
   },
   "Env": {
    "$ref": "#/components/schemas/StringList"
   },
   "User": {
    "type": "string"
   },
   "WorkingDir": {
    "type": "string"
   },
   "Privileged": {
    "type": "boolean"
   },
   "AttachStdin": {
    "type": "boolean"
   },
   "AttachStdout": {
    "type": "boolean"
   },
   "AttachStderr": {
    "type": "boolean"
   },
   "Tty": {
    "type": "boolean"
   },
   "DetachKeys": {
    "type": "string"
   },
   "ConsoleSize": {
    "type": [
     "array",
     "null"
    ],
    "items": {
     "type": "integer"
    },
    "description": "Height and width"
   }
  }
 },
 "ExecStartRequest": {
  "type": "object",
  "properties": {
   "Detach": {
    "type": "boolean"
   },
   "Tty": {
    "type": "boolean"
   },
   "ConsoleSize": {
    "type": [
     "array",
     "null"
    ],
    "items": {
     "type": "integer"
    },
    "description": "Height and width"
   }
  }
 },
 "HealthConfig": {
  "description": "Times are nanoseconds; 0 stands for the image's value, or the default.",
  "type": [
   "object",
   "null"
  ],
  "properties": {
   "Test": {
    "$ref": "#/components/schemas/StringList"
   },
   "Interval": {
    "type": "integer"
   },
   "Timeout": {
    "type": "integer"
   },
   "StartPeriod": {
    "type": "integer"
   },
   "StartInterval": {
    "type": "integer"
   },
   "Retries": {
    "type": "integer"
   }
  }
 },
 "HostConfigRequest": {
  "description": "How the container meets its host. Options not carried out yet are refused.",
  "type": [
   "object",
   "null"
  ],
  "properties": {
   "Binds": {
    "$ref": "#/components/schemas/StringList"
   },
   "ContainerIDFile": {
    "type": "string"
   },
   "LogConfig": {
    "$ref": "#/components/schemas/LogConfig"
   },
   "NetworkMode": {
    "type": "string"
   },
   "PortBindings": {
    "$ref": "#/components/schemas/ObjectMap"
   },
   "RestartPolicy": {
    "$ref": "#/components/schemas/RestartPolicy"
   },
   "AutoRemove": {
    "type": "boolean"
   },
   "VolumeDriver": {
    "type": "string"
   },
   "VolumesFrom": {
    "$ref": "#/components/schemas/StringList"
   },
   "ConsoleSize": {
    "type": [
     "array",
     "null"
    ],
    "items": {
     "type": "integer"
    },
    "description": "Height and width"
   },
   "Annotations": {
    "$ref": "#/components/schemas/StringMap"
   },
   "CapAdd": {
    "$ref": "#/components/schemas/Words"
   },
   "CapDrop": {
    "$ref": "#/components/schemas/Words"
   },
   "CgroupnsMode": {
    "type": "string"
   },
   "Dns": {
    "$ref": "#/components/schemas/StringList"
   },
   "DnsOptions": {
    "$ref": "#/components/schemas/StringList"
   },
   "DnsSearch": {
    "$ref": "#/components/schemas/StringList"
   },
   "ExtraHosts": {
    "$ref": "#/components/schemas/StringList"
   },
   "GroupAdd": {
    "$ref": "#/components/schemas/StringList"
   },
   "IpcMode": {
    "type": "string"
   },
   "Cgroup": {
    "type": "string"
   },
   "Links": {
    "$ref": "#/components/schemas/StringList"
   },
   "OomScoreAdj": {
    "type": "integer"
   },
   "PidMode": {
    "type": "string"
   },
   "Privileged": {
    "type": "boolean"
   },
   "PublishAllPorts": {
    "type": "boolean"
   },
   "ReadonlyRootfs": {
    "type": "boolean"
   },
   "SecurityOpt": {
    "$ref": "#/components/schemas/StringList"
   },
   "StorageOpt": {
    "$ref": "#/components/schemas/StringMap"
   },
   "Tmpfs": {
    "$ref": "#/components/schemas/StringMap"
   },
   "UTSMode": {
    "type": "string"
   },
   "UsernsMode": {
    "type": "string"
   },
   "ShmSize": {
    "type": "integer",
    "description": "Bytes"
   },
   "CpuPercent": {
    "type": "integer"
   },
   "Sysctls": {
    "$ref": "#/components/schemas/StringMap"
   },
   "Runtime": {
    "type": "string"
   },
   "Isolation": {
    "type": "string"
   },
   "CpuShares": {
    "type": "integer"
   },
   "Memory": {
    "type": "integer",
    "description": "Bytes"
   },
   "NanoCpus": {
    "type": "integer"
   },
   "CgroupParent": {
    "type": "string"
   },
   "BlkioWeight": {
    "type": "integer"
   },
   "BlkioWeightDevice": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "BlkioDeviceReadBps": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "BlkioDeviceWriteBps": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "BlkioDeviceReadIOps": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "BlkioDeviceWriteIOps": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "CpuPeriod": {
    "type": "integer"
   },
   "CpuQuota": {
    "type": "integer"
   },
   "CpuRealtimePeriod": {
    "type": "integer"
   },
   "CpuRealtimeRuntime": {
    "type": "integer"
   },
   "CpusetCpus": {
    "type": "string"
   },
   "CpusetMems": {
    "type": "string"
   },
   "Devices": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "DeviceCgroupRules": {
    "$ref": "#/components/schemas/StringList"
   },
   "DeviceRequests": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "MemoryReservation": {
    "type": "integer"
   },
   "MemorySwap": {
    "type": "integer"
   },
   "MemorySwappiness": {
    "type": [
     "integer",
     "null"
    ]
   },
   "OomKillDisable": {
    "type": [
     "boolean",
     "null"
    ]
   },
   "PidsLimit": {
    "type": [
     "integer",
     "null"
    ]
   },
   "Ulimits": {
    "$ref": "#/components/schemas/ObjectList"
   },
   "Mounts": {
    "type": [
     "array",
     "null"
    ],
    "items": {
     "$ref": "#/components/schemas/MountRequest"
    }
   },
   "Init": {
    "type": [
     "boolean",
     "null"
    ]
   },
   "MaskedPaths": {
    "$ref": "#/components/schemas/StringList"
   },
   "ReadonlyPaths": {
    "$ref": "#/components/schemas/StringList"
   }
  }
 },
 "IpamPool": {
  "type": "object",
  "properties": {
   "Subnet": {
    "type": "string"
   },
   "IPRange": {
    "type": "string"
   },
   "Gateway": {
    "type": "string"
   },
   "AuxiliaryAddresses": {
    "$ref": "#/components/schemas/StringMap"
   }
  }
 },
 "LogConfig": {
  "type": "object",
  "properties": {
   "Type": {
    "type": "string"
   },
   "Config": {
    "$ref": "#/components/schemas/StringMap"
   }
  }
 },
 "MountRequest": {
  "type": "object",
  "properties": {
   "Type": {
    "type": "string"
   },
   "Source": {
    "type": "string"
   },
   "Target": {
    "type": "string"
   },
   "ReadOnly": {
    "type": "boolean"
   },
   "Consistency": {
    "type": "string"
   },
   "BindOptions": {
    "type": [
     "object",
     "null"
    ],
    "properties": {
     "Propagation": {
      "type": "string"
     },
     "NonRecursive": {
      "type": "boolean"
     },
     "CreateMountpoint": {
      "type": "boolean",
      "description": "From 1.42"
     },
     "ReadOnlyNonRecursive": {
      "type": "boolean",
      "description": "From 1.44"
     },
     "ReadOnlyForceRecursive": {
      "type": "boolean",
      "description": "From 1.44"
     }
    }
   },
   "VolumeOptions": {
    "type": [
     "object",
     "null"
    ],
    "properties": {
     "NoCopy": {
      "type": "boolean"
     },
     "Labels": {
      "$ref": "#/components/schemas/StringMap"
     },
     "DriverConfig": {
      "type": [
       "object",
       "null"
      ],
      "properties": {
       "Name": {
        "type": "string"
       },
       "Options": {
        "$ref": "#/components/schemas/StringMap"
       }
      }
     },
     "Subpath": {
      "type": "string",
      "description": "From 1.45"
     }
    }
   },
   "TmpfsOptions": {
    "type": [
     "object",
     "null"
    ],
    "properties": {
     "SizeBytes": {
      "type": "integer"
     },
     "Mode": {
      "type": "integer"
     },
     "Options": {
      "type": [
       "array",
       "null"
      ],
      "items": {
       "type": "array",
       "items": {
        "type": "string"
       }
      },
      "description": "From 1.46"
     }
    }
   },
   "ImageOptions": {
    "$ref": "#/components/schemas/ObjectMap"
   }
  }
 },
 "NativeCreate": {
  "type": "object",
  "properties": {
   "image": {
    "type": "string",
    "description": "Name or id; this or rootPath"
   },
   "rootPath": {
    "type": "string",
    "description": "Directory of the host that is the root file system; it is used in place and never removed, and what is mounted below it is not seen"
   },
   "spec": {
    "type": "object",
    "additionalProperties": true,
    "description": "An OCI runtime spec for Linux. shiplog puts in the path of the root, the control group and the network namespace that it makes; hooks are refused"
   },
   "options": {
    "$ref": "#/components/schemas/ContainerCreateRequest"
   }
  }
 },
 "NativeLabels": {
  "type": "object",
  "additionalProperties": {
   "type": [
    "string",
    "null"
   ]
  }
 },
 "NativeReconcileRequest": {
  "type": "object",
  "properties": {
   "dryRun": {
    "type": "boolean",
    "description": "Only look"
   },
   "adopt": {
    "type": "array",
    "items": {
     "type": "string"
    },
    "description": "Ids of records in containerd to take over"
   },
   "adoptAll": {
    "type": "boolean"
   }
  }
 },
 "NetworkConnectRequest": {
  "type": "object",
  "properties": {
   "Container": {
    "type": "string"
   },
   "EndpointConfig": {
    "$ref": "#/components/schemas/EndpointSettings"
   }
  }
 },
 "NetworkCreateRequest": {
  "type": "object",
  "properties": {
   "Name": {
    "type": "string"
   },
   "CheckDuplicate": {
    "type": "boolean"
   },
   "Driver": {
    "type": "string"
   },
   "Scope": {
    "type": "string"
   },
   "Internal": {
    "type": "boolean"
   },
   "Attachable": {
    "type": "boolean"
   },
   "Ingress": {
    "type": "boolean"
   },
   "ConfigOnly": {
    "type": "boolean"
   },
   "ConfigFrom": {
    "type": [
     "object",
     "null"
    ],
    "properties": {
     "Network": {
      "type": "string"
     }
    }
   },
   "EnableIPv4": {
    "type": [
     "boolean",
     "null"
    ]
   },
   "EnableIPv6": {
    "type": [
     "boolean",
     "null"
    ]
   },
   "IPAM": {
    "type": [
     "object",
     "null"
    ],
    "properties": {
     "Driver": {
      "type": "string"
     },
     "Options": {
      "$ref": "#/components/schemas/StringMap"
     },
     "Config": {
      "type": [
       "array",
       "null"
      ],
      "items": {
       "$ref": "#/components/schemas/IpamPool"
      }
     }
    }
   },
   "Options": {
    "$ref": "#/components/schemas/StringMap"
   },
   "Labels": {
    "$ref": "#/components/schemas/StringMap"
   }
  }
 },
 "NetworkDisconnectRequest": {
  "type": "object",
  "properties": {
   "Container": {
    "type": "string"
   },
   "Force": {
    "type": "boolean"
   }
  }
 },
 "NetworkingConfig": {
  "type": [
   "object",
   "null"
  ],
  "properties": {
   "EndpointsConfig": {
    "type": [
     "object",
     "null"
    ],
    "additionalProperties": {
     "$ref": "#/components/schemas/EndpointSettings"
    }
   }
  }
 },
 "ObjectList": {
  "type": [
   "array",
   "null"
  ],
  "items": {
   "type": "object",
   "additionalProperties": true
  }
 },
 "ObjectMap": {
  "type": [
   "object",
   "null"
  ],
  "additionalProperties": true
 },
 "RestartPolicy": {
  "type": "object",
  "properties": {
   "Name": {
    "type": "string"
   },
   "MaximumRetryCount": {
    "type": "integer"
   }
  }
 },
 "StringList": {
  "type": [
   "array",
   "null"
  ],
  "items": {
   "type": "string"
  }
 },
 "StringMap": {
  "type": [
   "object",
   "null"
  ],
  "additionalProperties": {
   "type": "string"
  }
 },
 "VolumeCreateRequest": {
  "type": "object",
  "properties": {
   "Name": {
    "type": "string"
   },
   "Driver": {
    "type": "string"
   },
   "DriverOpts": {
    "$ref": "#/components/schemas/StringMap"
   },
   "Labels": {
    "$ref": "#/components/schemas/StringMap"
   },
   "ClusterVolumeSpec": {
    "$ref": "#/components/schemas/ObjectMap"
   }
  }
 },
 "Words": {
  "description": "A list of words; a single text stands for a list of one.",
  "type": [
   "array",
   "null"
  ],
  "items": {
   "type": "string"
  },
  "x-accepts-string": true
 }
};
