/**
 * From what was given to what holds: defaults filled in, by subject. Pure; files come through a
 * function passed in.
 */
import { OptionError } from '../optionError.ts';
import { cut } from './kinds.ts';
import type { GivenOptions } from './table.ts';
import type { AddressPool, Ulimit } from './values.ts';

/** What a container gets that says nothing itself. */
export interface ContainerDefaults {
  readonly ipcMode: 'private' | 'shareable';
  /** null: by the version of the host's control groups, private on 2. */
  readonly cgroupnsMode: 'private' | 'host' | null;
  /** Bytes. */
  readonly shmSize: number;
  /** By name, e.g. `nofile`. */
  readonly ulimits: Readonly<Record<string, Ulimit>>;
  /** Seconds; -1: for ever. */
  readonly stopTimeout: number;
  readonly init: boolean;
  /** null: whatever is found under its usual name. */
  readonly initPath: string | null;
  /** null: the usual one. */
  readonly cgroupParent: string | null;
  readonly seccomp: SeccompProfile;
  readonly noNewPrivileges: boolean;
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
}

export type SeccompProfile =
  | { readonly kind: 'builtin' }
  | { readonly kind: 'unconfined' }
  /** `text`: JSON, as it stood in the file when the configuration was read. */
  | { readonly kind: 'file'; readonly path: string; readonly text: string };

/** null: nothing was said; texts are addresses and networks in their usual form. */
export interface NetworkSettings {
  /** Name of a bridge of the user's; `none`: there is no default network. */
  readonly bridge: string | null;
  readonly bip: string | null;
  readonly bip6: string | null;
  readonly fixedCidr: string | null;
  readonly fixedCidrV6: string | null;
  readonly defaultGateway: string | null;
  readonly defaultGatewayV6: string | null;
  /** Empty: the usual ones. */
  readonly addressPools: readonly AddressPool[];
  /** Options of new networks, by driver. */
  readonly defaultOptions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dns: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly hostGateways: readonly string[];
  readonly icc: boolean;
  /** Where ports are published if nothing is said. */
  readonly ip: string;
  readonly ipForward: boolean;
  readonly ipMasquerade: boolean;
  readonly iptables: boolean;
  readonly ip6tables: boolean;
  readonly ipv6: boolean;
  /** Bytes. */
  readonly mtu: number | null;
  readonly userlandProxy: boolean;
}

export interface RegistrySettings {
  readonly insecure: readonly string[];
  readonly mirrors: readonly string[];
  readonly concurrentDownloads: number;
  readonly concurrentUploads: number;
  readonly downloadAttempts: number;
}

export type ReadFile = (path: string) => string | undefined;

export function containerDefaults(given: GivenOptions, readFile: ReadFile): ContainerDefaults {
  return {
    ipcMode: given['default-ipc-mode'] === 'shareable' ? 'shareable' : 'private',
    cgroupnsMode: cgroupnsMode(given['default-cgroupns-mode']),
    shmSize: given['default-shm-size'] ?? 64 * 1024 ** 2,
    ulimits: given['default-ulimits'] ?? {},
    stopTimeout: given['default-stop-timeout'] ?? 10,
    init: given.init ?? false,
    initPath: given['init-path'] || null,
    cgroupParent: given['cgroup-parent'] || null,
    seccomp: seccomp(given['seccomp-profile'] || 'builtin', readFile),
    noNewPrivileges: given['no-new-privileges'] ?? false,
    logDriver: given['log-driver'] || 'json-file',
    logOptions: given['log-opts'] ?? {},
  };
}

function cgroupnsMode(given: string | undefined): ContainerDefaults['cgroupnsMode'] {
  return given === 'private' || given === 'host' ? given : null;
}

function seccomp(given: string, readFile: ReadFile): SeccompProfile {
  if (given === 'builtin' || given === 'unconfined') return { kind: given };
  const fail = (why: string) =>
    new OptionError(`opening seccomp profile (${given}) failed: ${why}`);
  const text = readFile(given);
  if (text === undefined) throw fail('no such file');
  try {
    JSON.parse(text);
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error));
  }
  return { kind: 'file', path: given, text };
}

/** The last one given; null: the host's. */
export function cgroupDriver(given: GivenOptions): 'cgroupfs' | 'systemd' | null {
  const drivers = (given['exec-opts'] ?? []).map((one) => cut(one, '=')[1]);
  const last = drivers.at(-1);
  return last === 'cgroupfs' || last === 'systemd' ? last : null;
}

export function networkSettings(given: GivenOptions): NetworkSettings {
  return {
    bridge: given.bridge || null,
    bip: given.bip ?? null,
    bip6: given.bip6 ?? null,
    fixedCidr: given['fixed-cidr'] ?? null,
    fixedCidrV6: given['fixed-cidr-v6'] ?? null,
    defaultGateway: given['default-gateway'] ?? null,
    defaultGatewayV6: given['default-gateway-v6'] ?? null,
    addressPools: given['default-address-pools'] ?? [],
    defaultOptions: given['default-network-opts'] ?? {},
    dns: given.dns ?? [],
    dnsOptions: given['dns-opts'] ?? [],
    dnsSearch: given['dns-search'] ?? [],
    hostGateways: given['host-gateway-ips'] ?? [],
    icc: given.icc ?? true,
    ip: given.ip ?? '0.0.0.0',
    ipForward: given['ip-forward'] ?? true,
    ipMasquerade: given['ip-masq'] ?? true,
    iptables: given.iptables ?? true,
    ip6tables: given.ip6tables ?? true,
    ipv6: given.ipv6 ?? false,
    mtu: given.mtu || null,
    userlandProxy: given['userland-proxy'] ?? true,
  };
}

export function registrySettings(given: GivenOptions): RegistrySettings {
  return {
    insecure: given['insecure-registries'] ?? [],
    mirrors: given['registry-mirrors'] ?? [],
    concurrentDownloads: given['max-concurrent-downloads'] ?? 3,
    concurrentUploads: given['max-concurrent-uploads'] ?? 5,
    downloadAttempts: given['max-download-attempts'] ?? 5,
  };
}
