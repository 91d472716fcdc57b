/** What the host is: read once at start, from /proc, /sys and /etc. Unknown is an empty text. */
import { execFile } from 'node:child_process';
import { readFileSync, statfsSync } from 'node:fs';
import { arch, cpus, hostname, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { OciRlimit } from '../spec/types.ts';
import { inheritedLimits } from './rlimits.ts';
import { kernelConfig, takesX32 } from './x32.ts';

export interface Host {
  readonly hostname: string;
  readonly kernelVersion: string;
  /** e.g. `Debian GNU/Linux 12 (bookworm)`. */
  readonly operatingSystem: string;
  /** e.g. `12`. */
  readonly osVersion: string;
  /** As `uname -m` says: `x86_64`, `aarch64`. */
  readonly architecture: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  /** Bit set of the capabilities that this process has, and so can give. */
  readonly capabilities: bigint;
  /** What containers get that name none. */
  readonly rlimits: readonly OciRlimit[];
  /** Whether the kernel takes system calls of x32; true where nobody knows. */
  readonly x32: boolean;
  readonly appArmor: { readonly active: boolean; readonly defaultProfile: string };
  readonly cgroup: { readonly version: 1 | 2; readonly driver: 'cgroupfs' | 'systemd' };
}

const CGROUP2_MAGIC = 0x63677270;
export const CGROUP_ROOT = '/sys/fs/cgroup';

export function hostFacts(): Host {
  const release_ = osRelease(textOf('/etc/os-release'));
  const version = statfsSync(CGROUP_ROOT).type === CGROUP2_MAGIC ? 2 : 1;
  const systemd = textOf('/proc/1/comm').trim() === 'systemd';
  return {
    hostname: hostname(),
    kernelVersion: release(),
    operatingSystem: release_['PRETTY_NAME'] ?? 'Linux',
    osVersion: release_['VERSION_ID'] ?? '',
    architecture: { x64: 'x86_64', arm64: 'aarch64' }[arch() as string] ?? arch(),
    cpus: cpus().length,
    memory: totalmem(),
    capabilities: effectiveCapabilities(textOf('/proc/self/status')),
    rlimits: inheritedLimits(textOf('/proc/self/limits')),
    x32: takesX32(kernelConfig(release()), textOf('/proc/cmdline')),
    appArmor: appArmor(),
    cgroup: { version, driver: version === 2 && systemd ? 'systemd' : 'cgroupfs' },
  };
}

/** @param status text of /proc/<pid>/status */
export function effectiveCapabilities(status: string): bigint {
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
}

/** Docker's profile is used if somebody has loaded it; shiplog loads none. */
function appArmor(): Host['appArmor'] {
  const active = textOf('/sys/module/apparmor/parameters/enabled').trim() === 'Y';
  const loaded = active ? textOf('/sys/kernel/security/apparmor/profiles') : '';
  const docker = /^docker-default /m.test(loaded);
  return { active, defaultProfile: docker ? 'docker-default' : '' };
}

/** Text of a file; empty if it can not be read. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

/** `KEY=value` lines of os-release, quotes taken off. */
export function osRelease(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)];
  return Object.fromEntries(
    pairs.map(([, key = '', value = '']) => [key, value.trim().replace(/^(["'])(.*)\1$/, '$2')]),
  );
}

/** Version and commit of a runtime that prints them as runc does; empty texts if it does not. */
export async function runtimeVersion(
  binary: string,
): Promise<{ readonly version: string; readonly commit: string }> {
  const run = promisify(execFile);
  const output = await run(binary, ['--version'], { timeout: 5_000 }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return {
    version: /version (\S+)/.exec(output)?.[1] ?? '',
    commit: /commit: (\S+)/.exec(output)?.[1] ?? '',
  };
}

/** Whether the kernel makes a mount read-only with all that is mounted below: from 5.12 on. */
export function kernelReadsOnlyBelow(kernelVersion: string): boolean {
  const [major = 0, minor = 0] = kernelVersion.split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 12);
}

/**
 * Why a runtime can not make such mounts, in dockerd's words; undefined: it can.
 * @param features JSON that it tells of itself; undefined: nothing
 */
export function readOnlyBelowLacks(
  kernelVersion: string,
  runtime: string,
  features: string | undefined,
): string | undefined {
  if (!kernelReadsOnlyBelow(kernelVersion))
    return 'rro is not supported: the kernel has no mount_setattr (kernel is older than 5.12?)';
  const lacks = `rro is not supported by runtime ${JSON.stringify(runtime)}`;
  if (features === undefined) return `${lacks}: OCI features struct is not available`;
  return /"mountOptions":[^\]]*"rro"/.test(features) ? undefined : lacks;
}
