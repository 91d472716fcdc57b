/**
 * What a container uses now, read from the kernel's own counters: its control group (version 1 or
 * 2), the interfaces of its network namespace, and the host's processors. A file that is not there
 * counts nothing.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { groupDirectory } from '../container/cgroupDirectory.ts';
import { textOf } from '../host/facts.ts';
import { cgroupsPath } from '../spec/cgroup.ts';
import type { HostFacts, SpecSubject } from '../spec/types.ts';
import { nowNs } from '../system/clock.ts';
import { type GroupUsage, type ReadGroup, usageV1, usageV2 } from './cgroupUsage.ts';
import { interfaces, type NetworkUsage } from './networkUsage.ts';

export interface Usage extends GroupUsage {
  readonly atNs: bigint;
  readonly cgroup: 1 | 2;
  /** Of all processors since the boot, nanoseconds, without idle guests. */
  readonly systemNs: number;
  /** By the interface's name in the container; none: it has no network of its own. */
  readonly networks: Readonly<Record<string, NetworkUsage>>;
}

export interface UsageSubject extends SpecSubject {
  readonly pid: number;
}

/** /proc/stat counts in hundredths of a second. */
const NS_PER_TICK = 10_000_000;

/** Undefined: it has no group any more. */
export async function usageOf(
  subject: UsageSubject,
  host: HostFacts,
  cgroupRoot: string,
): Promise<Usage | undefined> {
  const { version } = host.cgroup;
  const read = groupReader(subject, host, cgroupRoot);
  if (read === undefined) return undefined;
  const group = await (version === 1 ? usageV1(read) : usageV2(read));
  const own = subject.hostConfig.NetworkMode !== 'host';
  const networks = own ? interfaces(await optional(`/proc/${subject.pid}/net/dev`)) : {};
  const systemNs = systemTime(await optional('/proc/stat'));
  return { ...group, atNs: nowNs(), cgroup: version, systemNs, networks };
}

/** The first seven numbers: user, nice, system, idle, iowait, irq, softirq. */
export function systemTime(procStat: string): number {
  const [, ...numbers] = (/^cpu .*$/m.exec(procStat)?.[0] ?? '').split(/ +/);
  return numbers.slice(0, 7).reduce((sum, ticks) => sum + Number(ticks), 0) * NS_PER_TICK;
}

async function optional(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // Gone with its process in this moment, or a controller that this kernel does not have.
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

/** Reads files of the container's group; `controller` is not looked at in version 2. */
function groupReader(
  subject: UsageSubject,
  host: HostFacts,
  cgroupRoot: string,
): ReadGroup | undefined {
  const folder = (controller: string, path: string): string =>
    host.cgroup.version === 1 ? join(cgroupRoot, controller, path) : join(cgroupRoot, path);
  const ours = groupDirectory(cgroupsPath(subject, host), host.cgroup.driver);
  if (existsSync(folder('memory', ours))) {
    return (controller, file) => optional(join(folder(controller, ours), file));
  }
  // It was adopted, and lies where somebody else has put it.
  const paths = groupsOf(textOf(`/proc/${subject.pid}/cgroup`));
  if (subject.pid === 0 || paths.size === 0) return undefined;
  return (controller, file) =>
    optional(join(folder(controller, paths.get(controller) ?? paths.get('') ?? ''), file));
}

/** Controller to path; of version 2 under the empty name. */
function groupsOf(procCgroup: string): ReadonlyMap<string, string> {
  const lines = [...procCgroup.matchAll(/^\d+:([^:]*):(.*)$/gm)];
  return new Map(
    lines.flatMap(([, names = '', path = '']) =>
      names.split(',').map((name) => [name, path] as const),
    ),
  );
}
