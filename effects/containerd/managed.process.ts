/**
 * The process of a managed containerd: which one it is, told apart from others that got its pid,
 * and how it is started and ended. It lives in its own session and outlives the daemon.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { monotonicMs, sleep } from '../system/clock.ts';
import { codeOf } from '../system/libc.ts';
import { isAlive, signalProcess, startTime } from '../system/process.ts';
import type { ManagedPaths } from './managed.config.ts';

export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat, decimal digits. */
  readonly startTime: string;
}

/**
 * The containerd that runs with our configuration file, if there is one: the pid file's when that
 * is still alive, else whichever process has the file on its command line (its starter may have
 * been killed before it wrote the pid file).
 */
export function findRunning(paths: ManagedPaths): ProcessId | undefined {
  const noted = readPidFile(paths.pidFile);
  if (noted && isAlive(noted.pid, noted.startTime) && isOurs(noted.pid, paths)) return noted;
  for (const name of readdirSync('/proc')) {
    const pid = /^\d+$/.test(name) ? Number(name) : 0;
    if (pid === 0 || !isOurs(pid, paths)) continue;
    const started = startTime(pid);
    if (started && isAlive(pid, started)) return { pid, startTime: started };
  }
  return undefined;
}

export async function writePidFile(paths: ManagedPaths, id: ProcessId): Promise<void> {
  const next = `${paths.pidFile}.new`;
  await writeFile(next, `${id.pid} ${id.startTime}\n`, { mode: 0o644 });
  await rename(next, paths.pidFile);
}

/**
 * Removes what a process that is gone has left: containerd refuses no stale socket, but clients
 * do.
 */
export async function removeTraces(paths: ManagedPaths): Promise<void> {
  await rm(paths.pidFile, { force: true });
  await rm(paths.socket, { force: true });
}

export interface Started {
  readonly child: ChildProcess;
  /** Length of the log file before: what comes after it is this process's. */
  readonly logOffset: number;
}

/** @throws Error of `spawn`, later, as the child's `error` event. */
export function launch(binary: string, paths: ManagedPaths): Started {
  const log = openSync(paths.logFile, 'a', 0o640);
  try {
    // Before it runs: a fast one has said its last words when spawn returns.
    const logOffset = fstatSync(log).size;
    const child = spawn(binary, argumentsOf(paths), {
      cwd: paths.state,
      detached: true,
      stdio: ['ignore', log, log],
    });
    child.unref();
    return { child, logOffset };
  } finally {
    closeSync(log);
  }
}

/** SIGTERM, then SIGKILL after `graceMs`. Containers run on. @returns false: it is there still. */
export async function endProcess(id: ProcessId, graceMs: number): Promise<boolean> {
  for (const [signal, waitMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!signalProcess(id.pid, id.startTime, signal)) return true;
    if (await gone(id, waitMs)) return true;
  }
  return false;
}

/** The last lines that it wrote, for an error message. */
export function lastOutput(paths: ManagedPaths, offset: number, lines = 8): string {
  const longest = 16 * 1024;
  const file = openSync(paths.logFile, 'r');
  try {
    const size = fstatSync(file).size;
    const from = Math.max(offset, size - longest);
    const buffer = Buffer.alloc(Math.max(size - from, 0));
    const length = readSync(file, buffer, 0, buffer.length, from);
    const text = buffer.toString('utf8', 0, length).trimEnd();
    return text.split('\n').slice(-lines).join('\n');
  } finally {
    closeSync(file);
  }
}

async function gone(id: ProcessId, waitMs: number): Promise<boolean> {
  const due = monotonicMs() + waitMs;
  while (isAlive(id.pid, id.startTime)) {
    if (monotonicMs() >= due) return false;
    await sleep(20);
  }
  return true;
}

function argumentsOf(paths: ManagedPaths): string[] {
  return ['--config', paths.config];
}

function isOurs(pid: number, paths: ManagedPaths): boolean {
  const line = readIfThere(`/proc/${pid}/cmdline`);
  return line?.split('\0').slice(1, 3).join('\0') === argumentsOf(paths).join('\0');
}

function readPidFile(path: string): ProcessId | undefined {
  const match = /^(\d+) (\d+)\n$/.exec(readIfThere(path) ?? '');
  if (!match?.[1] || !match[2]) return undefined;
  return { pid: Number(match[1]), startTime: match[2] };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
