/**
 * What a daemon under a temporary directory has in the world: processes, mounts, namespaces,
 * cgroups. All is found by that directory's path, never by a name that somebody else could have,
 * too.
 */
import { execFileSync } from 'node:child_process';
import {
  type Dirent,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessSeen {
  readonly pid: number;
  readonly command: string;
  /** It lives in a mount namespace of its own: a container's process. */
  readonly contained: boolean;
}

/** Text of a file in /proc, or of a link; empty if it went away meanwhile. */
function peek(read: (path: string) => string, path: string): string {
  try {
    return read(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EINVAL' || code === 'EACCES') return '';
    throw error;
  }
}

/** Text of a file in /proc; empty if it went away meanwhile. */
export const peekText = (path: string): string => peek((one) => readFileSync(one, 'utf8'), path);

/** Processes, zombies left out, that name `dir` in their command line or have a root under it. */
export function processesOf(dir: string): readonly ProcessSeen[] {
  const ours = readlinkSync('/proc/self/ns/mnt');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = peekText(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      const namespace = peek((path) => readlinkSync(path), `/proc/${name}/ns/mnt`);
      const elsewhere = namespace !== '' && namespace !== ours;
      const contained = elsewhere && rootOf(name).includes(dir);
      if (command === '' || !(contained || command.includes(dir))) return [];
      return [{ pid: Number(name), command, contained }];
    });
}

/**
 * The mount that a process has as its root. Its other mounts say nothing: the process of a new
 * container has a copy of all of the host's, other daemons' among them, until it takes its root.
 */
function rootOf(pid: string): string {
  const mounts = peekText(`/proc/${pid}/mountinfo`).split('\n');
  return mounts.findLast((line) => line.split(' ')[4] === '/') ?? '';
}

/** Mount points under `dir`, or of file systems whose layers are there; innermost first. */
export function mountsOf(dir: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(dir))
    .map((line) => (line.split(' ')[4] ?? '').replaceAll('\\040', ' '))
    .reverse();
}

/** Directories of the cgroups that contained processes are in; not those that we are in. */
export function cgroupsOf(processes: readonly ProcessSeen[]): readonly string[] {
  const ours = new Set(peekText('/proc/self/cgroup').split('\n'));
  const found = processes
    .filter(({ contained }) => contained)
    .flatMap(({ pid }) => peekText(`/proc/${pid}/cgroup`).split('\n'))
    .filter((line) => line !== '' && !ours.has(line))
    .map((line) => {
      const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      const unified = isFolder('/sys/fs/cgroup/unified') ? 'unified' : '';
      return join('/sys/fs/cgroup', controllers.replace('name=', '') || unified, path);
    });
  return [...new Set(found)];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Sockets of shims, which containerd keeps outside of its directories. */
export function shimSockets(dir: string): readonly string[] {
  return pathsUnder(dir)
    .filter((path) => path.includes('io.containerd.runtime.v2.task/') && path.endsWith('/address'))
    .map((path) =>
      peekText(path)
        .trim()
        .replace(/^unix:\/\//, ''),
    )
    .filter((socket) => socket.startsWith('/'));
}

/**
 * Files and directories, as absolute paths. Symbolic links are not followed, and images' files,
 * which could hold any, not visited.
 */
export function pathsUnder(dir: string): readonly string[] {
  return entriesOf(dir).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (!entry.isDirectory()) return [path];
    const ofImage = entry.name === 'snapshots' || entry.name === 'rootfs';
    return ofImage ? [path] : [path, ...pathsUnder(path)];
  });
}

/** None if the directory went away meanwhile. */
export function entriesOf(dir: string): readonly Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Resolves with true as soon as `done` says so, with false when `ms` have passed. */
export async function within(
  ms: number,
  done: () => boolean | Promise<boolean>,
  pauseMs = 25,
): Promise<boolean> {
  const end = performance.now() + ms;
  while (!(await done())) {
    if (performance.now() > end) return false;
    await sleep(pauseMs);
  }
  return true;
}

/** Whether the process exists and is no zombie. */
export function isAlive(pid: number): boolean {
  const state = stateOf(pid);
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Whether a signal has made it stand still. */
export const isStopped = (pid: number): boolean => stateOf(pid) === 'T';

/** The kernel's letter for it; undefined: there is none. */
function stateOf(pid: number): string | undefined {
  return /^\d+ \(.*\) (\S)/s.exec(peekText(`/proc/${pid}/stat`))?.[1];
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends what `dir` has in the world, gently if it lets itself, and says what would not go. */
export async function sweep(dir: string): Promise<readonly string[]> {
  const sockets = shimSockets(dir);
  const found = processesOf(dir);
  const cgroups = cgroupsOf(found);
  // Containers first: a container whose shim is gone is nobody's child any more.
  for (const { pid, contained } of found) signal(pid, contained ? 'SIGKILL' : 'SIGTERM');
  await within(3_000, () => processesOf(dir).length === 0);
  for (const { pid } of processesOf(dir)) signal(pid, 'SIGKILL');
  await within(5_000, () => processesOf(dir).length === 0);
  for (const mount of mountsOf(dir)) unmount(mount);
  for (const socket of sockets) rmSync(socket, { force: true });
  for (const cgroup of cgroups) removeCgroup(cgroup);
  return [
    ...processesOf(dir).map(({ pid, command }) => `process ${pid}: ${command}`),
    ...mountsOf(dir).map((mount) => `mount ${mount}`),
    ...cgroups.filter(isFolder).map((cgroup) => `cgroup ${cgroup}`),
  ];
}

/** A folder in memory, as /run is on a Debian host; `sweep` takes it away. */
export function mountMemory(path: string): void {
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'shiplog-bench', path], {
    stdio: 'pipe',
  });
}

function unmount(mount: string): void {
  try {
    execFileSync('umount', ['--lazy', mount], { stdio: 'pipe' });
  } catch (error) {
    if (mountsOf(mount).length > 0) throw error;
  }
}

export function removeCgroup(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Busy: a process is on its way out; the caller sees that the folder is still there.
    if (code !== 'ENOENT' && code !== 'EBUSY') throw error;
  }
}
