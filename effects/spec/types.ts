/**
 * The part of the OCI runtime specification (config.json, Linux) that shiplog writes. Field names
 * are those of the specification; a field that is absent here is never sent.
 */
import type { ContainerConfig, HostConfig } from '../../machines/container.config.ts';
import type { Donors } from '../../machines/container.donors.ts';
import type { MountPoint } from '../../machines/container.mounts.ts';
import type { ContainerId } from '../../machines/words.ts';
import type { DeviceNumbers } from './resources.ts';
import type { OciSeccomp } from './seccomp.ts';
import type { SecurityDefaults } from './security.ts';
import type { PlacedMount } from './userMounts.ts';

export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface OciUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

export interface OciCapabilities {
  readonly bounding: readonly string[];
  readonly effective: readonly string[];
  readonly permitted: readonly string[];
}

/** -1 as the user writes it is the kernel's highest number, hence bigint. */
export interface OciRlimit {
  readonly type: string;
  readonly soft: number | bigint;
  readonly hard: number | bigint;
}

export interface OciProcess {
  readonly terminal: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: OciUser;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: OciCapabilities;
  readonly noNewPrivileges: boolean;
  readonly oomScoreAdj: number;
  readonly rlimits?: readonly OciRlimit[];
  readonly apparmorProfile?: string;
}

export type NamespaceType = 'mount' | 'network' | 'uts' | 'pid' | 'ipc' | 'cgroup';

export interface OciNamespace {
  readonly type: NamespaceType;
  readonly path?: string;
}

export interface OciDevice {
  readonly path: string;
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  /** Permission bits. */
  readonly fileMode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A rule of the device cgroup; the later rule wins. Without type and numbers: all devices. */
export interface OciDeviceRule {
  readonly allow: boolean;
  readonly type?: 'c' | 'b' | 'a';
  readonly major?: number;
  readonly minor?: number;
  readonly access: string;
}

/** Bytes; swap counts memory and swap together, -1 is unlimited. */
export interface OciMemory {
  readonly limit?: number;
  readonly reservation?: number;
  readonly swap?: number;
  readonly swappiness?: number;
  readonly disableOOMKiller?: boolean;
}

/** Times in microseconds. */
export interface OciCpu {
  readonly shares?: number;
  readonly quota?: number;
  readonly period?: number;
  readonly realtimePeriod?: number;
  readonly realtimeRuntime?: number;
  readonly cpus?: string;
  readonly mems?: string;
}

export interface OciThrottle {
  readonly major: number;
  readonly minor: number;
  /** Bytes or operations a second. */
  readonly rate: number;
}

export interface OciBlockIo {
  readonly weight?: number;
  readonly weightDevice?: readonly {
    readonly major: number;
    readonly minor: number;
    readonly weight: number;
  }[];
  readonly throttleReadBpsDevice?: readonly OciThrottle[];
  readonly throttleWriteBpsDevice?: readonly OciThrottle[];
  readonly throttleReadIOPSDevice?: readonly OciThrottle[];
  readonly throttleWriteIOPSDevice?: readonly OciThrottle[];
}

export interface OciResources {
  readonly devices?: readonly OciDeviceRule[];
  readonly memory?: OciMemory;
  readonly cpu?: OciCpu;
  readonly pids?: { readonly limit: number };
  readonly blockIO?: OciBlockIo;
}

export interface OciLinux {
  readonly namespaces: readonly OciNamespace[];
  readonly resources: OciResources;
  readonly devices?: readonly OciDevice[];
  readonly seccomp?: OciSeccomp;
  readonly cgroupsPath: string;
  readonly sysctl: Readonly<Record<string, string>>;
  /** Of mounts in the root, to and from outside of it. */
  readonly rootfsPropagation?: string;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
}

export interface OciSpec {
  readonly ociVersion: string;
  readonly process: OciProcess;
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly hostname?: string;
  readonly mounts: readonly OciMount[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly linux: OciLinux;
}

/** What the spec needs to know of the machine it runs on. */
export interface HostFacts {
  /** The host's own name, for containers that share its UTS or network namespace. */
  readonly hostname: string;
  /** Bit set of what the daemon may give: all that the kernel knows, unless it was confined. */
  readonly capabilities: bigint;
  /** What a process gets that names none. */
  readonly rlimits: readonly OciRlimit[];
  /** As `uname -m` and `uname -r` say. */
  readonly architecture: string;
  readonly kernelVersion: string;
  /** Whether the kernel takes system calls of x32. */
  readonly x32: boolean;
  /** `defaultProfile`: name of one that is loaded, or empty. */
  readonly appArmor: { readonly active: boolean; readonly defaultProfile: string };
  readonly cgroup: { readonly version: 1 | 2; readonly driver: 'cgroupfs' | 'systemd' };
}

/** The container as its actor knows it, as far as the spec needs it. */
export interface SpecSubject {
  readonly id: ContainerId;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly mounts?: readonly MountPoint[];
}

/** What the daemon's configuration gives to containers that say nothing. */
export interface SpecDefaults extends SecurityDefaults {
  /** By name. */
  readonly ulimits: Readonly<Record<string, UlimitDefault>>;
}

export interface UlimitDefault {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

export interface SpecInput {
  readonly container: SpecSubject;
  /** `NAME=value`, values revealed; an entry without `=` takes a default variable away. */
  readonly env: readonly string[];
  /** Where the root file system is mounted. */
  readonly rootPath: string;
  readonly user: OciUser;
  /** What the user mounts; absent: nothing. */
  readonly placed?: readonly PlacedMount[];
  /** A mount can be made read-only with all that is mounted below. */
  readonly readOnlyBelow?: boolean;
  /** Path of the network namespace that was made for it; null: the runtime makes one, if any. */
  readonly networkNamespace?: string | null;
  /** Files of the container's directory that are bind-mounted over those of the image. */
  readonly files: {
    readonly hosts: string;
    readonly hostname: string;
    readonly resolvConf: string;
  };
  readonly host: HostFacts;
  /** On the host, what lies on /dev/shm; undefined: a file system of its own. */
  readonly sharedMemory: string | undefined;
  readonly devices: {
    readonly nodes: readonly OciDevice[];
    /** Beside the usual ones. */
    readonly rules: readonly OciDeviceRule[];
  };
  /** On the host, the program to be process 1; undefined: the container's own. */
  readonly init: string | undefined;
  readonly defaults: SpecDefaults;
  /** Whose namespaces it joins. */
  readonly donors: Donors;
  /** Numbers of a device node of the host, for limits of block I/O. */
  readonly deviceNumbers: DeviceNumbers;
}
