/**
 * A containerd of our own, for a data root that was given none. It is started detached and left
 * running when the daemon ends, so that containers outlive both; the next daemon adopts it. Never
 * two on one root: containerd's database would make the second wait, and its socket would be
 * taken away.
 */
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { monotonicMs, sleep } from '../system/clock.ts';
import { codeOf } from '../system/libc.ts';
import { isAlive, startTime } from '../system/process.ts';
import { connectContainerd } from './client.ts';
import type { LogLevel, ManagedPaths } from './managed.config.ts';
import { longestSocketPath, managedConfig, managedPaths } from './managed.config.ts';
import type { ProcessId, Started } from './managed.process.ts';
import {
  endProcess,
  findRunning,
  lastOutput,
  launch,
  removeTraces,
  writePidFile,
} from './managed.process.ts';
import { placeShimScript } from './shimScript.ts';

/** Fits pino's. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface ManagedOptions {
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly logLevel: LogLevel;
  readonly log: Log;
  /** Name or path; `containerd` by default. */
  readonly binary?: string | undefined;
  /** Milliseconds until its socket must answer; 30 s by default. */
  readonly startDeadlineMs?: number | undefined;
}

export interface ManagedContainerd extends ProcessId {
  /** Path of the socket. */
  readonly address: string;
  /** It was running already. */
  readonly adopted: boolean;
  readonly paths: ManagedPaths;
}

/** containerd could not be started; the message says why, in containerd's own last words. */
export class ManagedStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ManagedStartError';
  }
}

const defaultStartDeadlineMs = 30_000;
const rotateBytes = 16 * 1024 * 1024;

/**
 * Resolves when a containerd answers on the socket: the one left running, or a new one.
 * @throws ManagedStartError
 */
export async function startManaged(options: ManagedOptions): Promise<ManagedContainerd> {
  const paths = managedPaths(options.dataRoot, options.execRoot);
  if (Buffer.byteLength(paths.socket) > longestSocketPath) {
    throw new ManagedStartError(`${paths.socket}: too long for a socket, use a shorter exec root`);
  }
  const deadlineMs = options.startDeadlineMs ?? defaultStartDeadlineMs;
  const running = findRunning(paths);
  if (running) {
    if (await answers(paths.socket, deadlineMs, () => isAlive(running.pid, running.startTime))) {
      await writePidFile(paths, running);
      options.log.info({ containerd: running.pid }, 'adopted the containerd that was left running');
      return { ...running, address: paths.socket, adopted: true, paths };
    }
    options.log.warn({ containerd: running.pid }, 'ending a containerd that does not answer');
    if (!(await endProcess(running, 5_000))) {
      throw new ManagedStartError(`containerd (pid ${running.pid}) does not answer nor end`);
    }
  }
  await prepare(paths, options.logLevel);
  const id = await startNew(options.binary ?? 'containerd', paths, deadlineMs);
  options.log.info({ containerd: id.pid, address: paths.socket }, 'started containerd');
  return { ...id, address: paths.socket, adopted: false, paths };
}

/**
 * Ends it, in tests and for a daemon that was only temporary. Containers run on under their
 * shims.
 */
export async function stopManaged(managed: ManagedContainerd, graceMs = 10_000): Promise<boolean> {
  const ended = await endProcess(managed, graceMs);
  if (ended) await removeTraces(managed.paths);
  return ended;
}

async function prepare(paths: ManagedPaths, logLevel: LogLevel): Promise<void> {
  await removeTraces(paths);
  await mkdir(paths.root, { recursive: true, mode: 0o711 });
  await mkdir(paths.state, { recursive: true, mode: 0o711 });
  await writeFile(paths.config, managedConfig(paths, logLevel), { mode: 0o600 });
  await placeShimScript(paths.opt, process.env['PATH'] ?? '');
  await rotate(paths.logFile);
}

/** One older log is kept: it is for looking at after a failure, not a history. */
async function rotate(file: string): Promise<void> {
  try {
    if ((await stat(file)).size > rotateBytes) await rename(file, `${file}.1`);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

async function startNew(
  binary: string,
  paths: ManagedPaths,
  deadlineMs: number,
): Promise<ProcessId> {
  const started = launch(binary, paths);
  const failure = failureOf(started, binary);
  await new Promise((resolve) => started.child.once('spawn', resolve).once('error', resolve));
  const { pid } = started.child;
  let why: string | undefined;
  const since = pid === undefined ? undefined : startTime(pid);
  if (pid !== undefined && since !== undefined) {
    const id = { pid, startTime: since };
    await writePidFile(paths, id);
    if (await answers(paths.socket, deadlineMs, () => failure() === undefined)) return id;
    why = failure() ?? `did not answer in ${deadlineMs} ms`;
    await endProcess(id, 2_000);
  }
  await removeTraces(paths);
  why ??= failure() ?? 'ended at once';
  const words = lastOutput(paths, started.logOffset);
  throw new ManagedStartError(`containerd ${why}${words === '' ? '' : `:\n${words}`}`);
}

/** @returns what ended the process, once something has. */
function failureOf(started: Started, binary: string): () => string | undefined {
  let failure: string | undefined;
  started.child.once('error', (error) => {
    const missing = codeOf(error) === 'ENOENT';
    failure ??= missing
      ? `is not installed: no ${binary} in PATH`
      : `cannot start: ${error.message}`;
  });
  started.child.once('exit', (code, signal) => {
    failure ??= `ended at once (${signal ?? `exit status ${code}`})`;
  });
  return () => failure;
}

/** Whether something on the socket answers Version in time, while the process is there. */
async function answers(
  address: string,
  deadlineMs: number,
  alive: () => boolean,
): Promise<boolean> {
  const due = monotonicMs() + deadlineMs;
  const client = connectContainerd({ address, namespace: 'default' });
  try {
    while (alive() && monotonicMs() < due) {
      if (await client.whenConnected(100)) {
        const version = await client.version({ deadlineMs: 2_000 }).catch(() => undefined);
        if (version) return alive();
        await sleep(50);
      }
    }
    return false;
  } finally {
    client.close();
  }
}
