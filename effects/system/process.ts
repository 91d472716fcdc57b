/**
 * Processes told apart beyond their pid: pids wrap, so a process is its pid, the time it started
 * and the boot it belongs to.
 */
import { closeSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { nowNs } from './clock.ts';
import { checked, codeOf, libcFunction } from './libc.ts';

type Syscall = (number: number, a: number, b: number, c: number, d: number) => number;
// The word-sized slots are the same whether or not the function is variadic, on x86-64 and arm64.
const syscall = libcFunction<Syscall>('long syscall(long number, long a, long b, long c, long d)');
/** The same numbers on every architecture that Linux has added since 2011, and on x86-64. */
const pidfdSendSignal = 424;
const pidfdOpen = 434;

/** The kernel's id of this boot. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

interface Status {
  /** One letter; `Z`: ended but not yet waited for. */
  readonly state: string;
  readonly startTime: string;
  /** Of its group's leader. */
  readonly group: number;
}

function statusOf(pid: number): Status | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
  return parseStatus(text);
}

/** Reads /proc/<pid>/stat. The second field is the program's own choice: blanks, `)` and all. */
export function parseStatus(text: string): Status | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // What follows the name starts with field 3.
  const state = fields[3 - 3];
  const group = Number(fields[5 - 3]);
  const startTime = fields[22 - 3];
  if (state === undefined || startTime === undefined) return undefined;
  return { state, startTime, group };
}

/** Ticks between boot and the process's start, decimal digits; undefined if there is none. */
export function startTime(pid: number): string | undefined {
  return statusOf(pid)?.startTime;
}

/** In user space the kernel counts in hundredths of a second, on every architecture. */
const NS_PER_TICK = 10_000_000n;

/** When the process was started, nanoseconds since 1970; undefined if there is none. */
export function startedAtNs(pid: number): bigint | undefined {
  const ticks = startTime(pid);
  if (ticks === undefined) return undefined;
  const [up = '0'] = readFileSync('/proc/uptime', 'utf8').split(' ');
  const upNs = BigInt(up.replace('.', '')) * NS_PER_TICK;
  return nowNs() - upNs + BigInt(ticks) * NS_PER_TICK;
}

/** Whether that very process is there and has not ended. A zombie has. */
export function isAlive(pid: number, started: string): boolean {
  const status = statusOf(pid);
  if (status === undefined || status.startTime !== started) return false;
  return status.state !== 'Z' && status.state !== 'X';
}

/**
 * Sends a signal to that very process and to no other that got its pid since.
 * @returns false if it is gone.
 */
export function signalProcess(pid: number, started: string, signal: NodeJS.Signals): boolean {
  let fd: number;
  try {
    fd = checked(syscall(pidfdOpen, pid, 0, 0, 0), 'pidfd_open', String(pid));
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
    throw error;
  }
  try {
    // The descriptor holds the process; only now is it safe to look whose it is.
    if (!isAlive(pid, started)) return false;
    const number = constants.signals[signal];
    checked(syscall(pidfdSendSignal, fd, number, 0, 0), 'pidfd_send_signal', String(pid));
    return true;
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
    throw error;
  } finally {
    closeSync(fd);
  }
}

/**
 * Sends SIGKILL to all processes of the group that this very process leads.
 * @param cgroup a part of the name of a cgroup that it must be in: nobody else's is ended.
 * @returns false if it is gone, leads no group, or is elsewhere.
 */
export function killGroup(pid: number, started: string, cgroup: string): boolean {
  try {
    if (!readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(cgroup)) return false;
    const status = statusOf(pid);
    if (status?.startTime !== started || status.group !== pid) return false;
    return process.kill(-pid, 'SIGKILL');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ESRCH') return false;
    throw error;
  }
}
