/**
 * The file systems every container finds mounted: the kernel's own, and the daemon's three files.
 */
import type { HostConfig } from '../../machines/container.config.ts';
import { isTrue } from './hostFields.ts';
import { INIT_TARGET } from './process.ts';
import { securityOptions } from './security.ts';
import type { OciMount, SpecInput } from './types.ts';
import { userMounts } from './userMounts.ts';

/** Targets that stay writable with a read-only root: they hold no data of the image. */
const WRITABLE_ALWAYS = new Set(['/proc', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue']);

/** Also with a read-only root. */
function staysWritable(hostConfig: HostConfig, target: string): boolean {
  const privileged = isTrue(hostConfig, 'Privileged');
  if (target === '/sys') return privileged;
  if (target === '/sys/fs/cgroup') return securityOptions(hostConfig).writableCgroups ?? privileged;
  return WRITABLE_ALWAYS.has(target);
}

/** Mounts in the order of the spec: parents before what lies below them. */
export function mounts(input: SpecInput): readonly OciMount[] {
  const { placed = [], readOnlyBelow = false, container } = input;
  const own = userMounts(container, placed, readOnlyBelow);
  const covered = coveredBy(own);
  const list = [...kernelMounts(input), ...daemonFiles(input), ...initMount(input)].filter(
    (mount) => !covered(mount),
  );
  if (!container.hostConfig.ReadonlyRootfs) return [...list, ...own];
  const guarded = list.map((mount) =>
    staysWritable(container.hostConfig, mount.destination) ? mount : readOnly(mount),
  );
  return [...guarded, ...own];
}

/** What the user mounts there takes its place; a /dev of the user's that of all below it, too. */
function coveredBy(own: readonly OciMount[]): (mount: OciMount) => boolean {
  const targets = new Set(own.map(({ destination }) => destination));
  return ({ destination }) =>
    targets.has(destination) || (targets.has('/dev') && destination.startsWith('/dev/'));
}

function kernelMounts(input: SpecInput): readonly OciMount[] {
  const { hostConfig } = input.container;
  const noExec = ['nosuid', 'noexec', 'nodev'];
  const guarded = (target: string) => (staysWritable(hostConfig, target) ? [] : ['ro']);
  return [
    mount('/proc', 'proc', 'proc', noExec),
    mount('/dev', 'tmpfs', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    mount('/sys', 'sysfs', 'sysfs', [...noExec, ...guarded('/sys')]),
    mount('/dev/pts', 'devpts', 'devpts', [
      'nosuid',
      'noexec',
      'newinstance',
      'ptmxmode=0666',
      'mode=0620',
      'gid=5',
    ]),
    mount('/dev/mqueue', 'mqueue', 'mqueue', noExec),
    ...sharedMemory(input),
    mount('/sys/fs/cgroup', 'cgroup', 'cgroup', [...noExec, ...guarded('/sys/fs/cgroup')]),
  ];
}

/**
 * /dev/shm by IPC mode: none has no such mount, private one of its own, all others a shared one.
 */
function sharedMemory(input: SpecInput): readonly OciMount[] {
  const { IpcMode, ShmSize } = input.container.hostConfig;
  if (IpcMode === 'none') return [];
  if (input.sharedMemory !== undefined) {
    return [mount('/dev/shm', 'bind', input.sharedMemory, ['rbind', 'rprivate'])];
  }
  const options = ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${ShmSize}`];
  return [mount('/dev/shm', 'tmpfs', 'shm', options)];
}

function daemonFiles(input: SpecInput): readonly OciMount[] {
  const options = ['rbind', 'rprivate'];
  return [
    mount('/etc/resolv.conf', 'bind', input.files.resolvConf, options),
    mount('/etc/hostname', 'bind', input.files.hostname, options),
    mount('/etc/hosts', 'bind', input.files.hosts, options),
  ];
}

/** A program of the host's as process 1. */
function initMount({ init }: SpecInput): readonly OciMount[] {
  if (init === undefined) return [];
  return [mount(INIT_TARGET, 'bind', init, ['bind', 'ro'])];
}

function mount(
  destination: string,
  type: string,
  source: string,
  options: readonly string[],
): OciMount {
  return { destination, type, source, options };
}

function readOnly(mount: OciMount): OciMount {
  return mount.options.includes('ro') ? mount : { ...mount, options: [...mount.options, 'ro'] };
}
