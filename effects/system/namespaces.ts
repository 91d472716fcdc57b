/**
 * Sockets in network namespaces of containers, opened by a worker thread that goes there. They
 * belong to this process, and whoever asked for them closes them.
 */
import { Worker } from 'node:worker_threads';
import { EffectFailure } from '../failure.ts';
import { after, type Cancel } from './clock.ts';

export interface NamespaceRequest {
  /** Of the namespace, e.g. `/run/netns/…`. */
  readonly path: string;
  /** Of its loopback; four numbers. */
  readonly address: readonly number[];
  /** Where the sockets are bound if it is free, else anywhere. */
  readonly wishedPort: number;
  /** Name of the table in the namespace that leads port 53 there; replaced. */
  readonly table: string;
}
export interface NamespaceCall extends NamespaceRequest {
  readonly id: number;
}
/** Two descriptors that are bound to the same port; the second does not listen yet. */
export interface NamespaceSockets {
  readonly udp: number;
  readonly tcp: number;
}
export interface NamespaceAnswer {
  readonly id: number;
  readonly sockets?: NamespaceSockets;
  readonly error?: string;
}

interface Pending {
  readonly resolve: (sockets: NamespaceSockets) => void;
  readonly reject: (error: Error) => void;
  readonly cancel: Cancel;
}

/** A worker and what it still owes; a new one takes its place when it hangs or ends. */
class NamespaceWorker {
  lost = false;
  readonly #pending = new Map<number, Pending>();
  readonly #worker: Worker;
  #next = 1;

  constructor() {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./namespaceWorker.${extension}`, import.meta.url), {
      // Descriptors are handed to the main thread, and closed there.
      trackUnmanagedFds: false,
    });
    this.#worker.unref();
    this.#worker.on('message', (answer: NamespaceAnswer) => this.#answered(answer));
    this.#worker.on('error', (error) => this.#abandon(String(error)));
    this.#worker.on('exit', () => this.#abandon('the worker ended'));
  }

  call(request: NamespaceRequest, deadlineMs: number): Promise<NamespaceSockets> {
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      const late = `sockets in ${request.path} took more than ${deadlineMs} ms`;
      const cancel = after(deadlineMs, () => this.#abandon(late));
      this.#pending.set(id, { resolve, reject, cancel });
      this.#worker.ref();
      this.#worker.postMessage({ ...request, id });
    });
  }

  #answered({ id, sockets, error }: NamespaceAnswer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker.unref();
    pending?.cancel();
    if (sockets !== undefined) pending?.resolve(sockets);
    else pending?.reject(new EffectFailure('failed', error ?? 'no answer'));
  }

  #abandon(why: string): void {
    this.lost = true;
    this.#worker.unref();
    for (const { cancel, reject } of this.#pending.values()) {
      cancel();
      reject(new EffectFailure('unavailable', why));
    }
    this.#pending.clear();
    this.#worker.terminate().catch((error: unknown) => process.emitWarning(String(error)));
  }
}

let current: NamespaceWorker | undefined;

/**
 * Opens both sockets and leads port 53 to them. @throws EffectFailure `failed`, or `unavailable`
 * when nobody knows
 */
export function openInNamespace(
  request: NamespaceRequest,
  deadlineMs = 5_000,
): Promise<NamespaceSockets> {
  if (current === undefined || current.lost) current = new NamespaceWorker();
  return current.call(request, deadlineMs);
}
