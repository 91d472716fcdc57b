/**
 * Mounts, and what else may wait for the kernel as they do, made in one worker thread with a
 * deadline per call. A call that hangs costs that worker and nothing else: whoever waits is told
 * `deadline`, and the next call gets a new worker.
 */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { EffectFailure } from '../failure.ts';
import { after, type Cancel } from './clock.ts';
import { SystemError } from './libc.ts';

/** As containerd's snapshots give it. */
export interface Mount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly options: readonly string[];
}

export type MountCall =
  | ({ readonly kind: 'mount'; readonly id: number } & Mount)
  | {
      readonly kind: 'unmount';
      readonly id: number;
      readonly target: string;
      readonly detach: boolean;
    }
  | {
      readonly kind: 'stay';
      readonly id: number;
      readonly target: string;
      readonly wanted: Int32Array<SharedArrayBuffer>;
      readonly mostMs: number;
    };
export interface MountAnswer {
  readonly id: number;
  readonly error:
    | { readonly syscall: string; readonly errno: number; readonly target: string }
    | undefined;
}
type Plain<C> = C extends unknown ? Omit<C, 'id'> : never;
type Request = Plain<MountCall>;

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly cancel: Cancel;
}

/** One worker and what it still owes. Once `lost`, it is given nothing any more. */
class MountWorker {
  readonly pending = new Map<number, Pending>();
  lost = false;
  readonly #worker: Worker;
  #next = 1;

  constructor() {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./mountWorker.${extension}`, import.meta.url));
    this.#worker.unref();
    this.#worker.on('message', (answer: MountAnswer) => this.#answered(answer));
    this.#worker.on('error', (error) => this.#abandon('unavailable', String(error)));
    this.#worker.on('exit', () => this.#abandon('unavailable', 'the mount worker ended'));
  }

  call(request: Request, deadlineMs: number): Promise<void> {
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      const late = `${request.kind} ${request.target} took more than ${deadlineMs} ms`;
      const cancel = after(deadlineMs, () => this.#abandon('deadline', late));
      this.pending.set(id, { resolve, reject, cancel });
      this.#worker.ref();
      this.#worker.postMessage({ ...request, id });
    });
  }

  #answered(answer: MountAnswer): void {
    const pending = this.pending.get(answer.id);
    this.pending.delete(answer.id);
    if (this.pending.size === 0) this.#worker.unref();
    pending?.cancel();
    const error = answer.error;
    if (error === undefined) pending?.resolve();
    else pending?.reject(new SystemError(error.syscall, error.errno, error.target));
  }

  /** Calls queued behind one that hangs have not begun, so nobody knows more about them either. */
  #abandon(kind: 'deadline' | 'unavailable', message: string): void {
    this.lost = true;
    this.#worker.unref();
    for (const { cancel, reject } of this.pending.values()) {
      cancel();
      reject(new EffectFailure(kind, message));
    }
    this.pending.clear();
    // Ends the thread when its call returns, if it ever does; then it must not work on the rest.
    this.#worker.terminate().catch((error: unknown) => process.emitWarning(String(error)));
  }
}

let current: MountWorker | undefined;

function worker(): MountWorker {
  if (current === undefined || current.lost) current = new MountWorker();
  return current;
}

/**
 * Mounts `source` on `target`. Flag words (`ro`, `rbind`, `rprivate` …) and data may be mixed in
 * the options. Not idempotent: look with `isMounted` before. Throws `SystemError`, or
 * `EffectFailure` of kind `deadline`: then nobody knows.
 */
export function mount(request: Mount, deadlineMs = 30_000): Promise<void> {
  const { type, source, target, options } = request;
  return worker().call({ kind: 'mount', type, source, target, options }, deadlineMs);
}

/**
 * Takes the topmost mount off `target`; fine if there is none. `detach`: out of the tree at once,
 * freed when nobody uses it any more. Throws like `mount`.
 */
export function unmount(
  target: string,
  options: { readonly detach: boolean },
  deadlineMs = 30_000,
): Promise<void> {
  return worker().call({ kind: 'unmount', target, detach: options.detach }, deadlineMs);
}

/**
 * Moves this process to the control group that it is in, once before it resolves and then every few
 * milliseconds. Throws like `mount`, for the first time only.
 * @param root where the hierarchies are mounted
 * @param wanted its first number is 0 when that is to end, which it does after `mostMs` in any case
 */
export function keepInGroup(
  root: string,
  wanted: Int32Array<SharedArrayBuffer>,
  mostMs: number,
  deadlineMs = 30_000,
): Promise<void> {
  return worker().call({ kind: 'stay', target: root, wanted, mostMs }, deadlineMs);
}

/** The paths of all mount points this process sees, oldest first; one per mount. */
export function mountPoints(): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => decodePath(line.split(' ')[4] ?? ''));
}

/** Whether something is mounted on exactly this path, which must be absolute and without links. */
export function isMounted(target: string): boolean {
  const path = target.length > 1 ? target.replace(/\/+$/, '') : target;
  return mountPoints().includes(path);
}

/** The kernel writes blank, tab, newline and backslash as three octal digits, byte by byte. */
function decodePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
