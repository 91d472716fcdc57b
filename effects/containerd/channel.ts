/**
 * The one HTTP/2 connection to containerd: unary calls, server streams and the upload stream,
 * each with namespace, lease, abort and deadline. Every error that leaves here is a
 * `ContainerdError`.
 *
 * Deadlines are timers of ours, on the monotonic clock (law 18), not gRPC's wall-clock ones: when
 * one fires the call is cancelled, which containerd sees as well.
 */
import type { CallOptions as GrpcOptions, ServiceError } from '@grpc/grpc-js';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { after } from '../system/clock.ts';
import { ContainerdError, toContainerdError } from './errors.ts';
import type { Method } from './proto.ts';
import type { CallOptions } from './types.ts';

export const defaultDeadlineMs = 10_000;
const maxMessageBytes = 16 * 1024 * 1024;

/**
 * containerd drops clients that ping more often than every 5 minutes; a dead peer is seen at
 * once.
 */
const keepaliveMs = 310_000;

const channelOptions = {
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
  'grpc.keepalive_time_ms': keepaliveMs,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.client_idle_timeout_ms': 2 ** 31 - 1,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.default_authority': 'localhost',
};

/** A call under way, as far as aborting it goes. */
interface Cancellable {
  /** @param reason what its caller is told */
  cancel(reason: ContainerdError): void;
}

/** Abort and deadline of one call: which of the two ended it, and how to let go of both. */
interface Guard {
  /** The error that the guard stands for, if it was the guard that ended the call. */
  reason(): ContainerdError | undefined;
  release(): void;
}

export interface UploadStream {
  /** Sends a message and resolves with the answer to it. */
  exchange(message: object): Promise<object>;
  close(): void;
}

export class Channel {
  readonly client: Client;
  readonly #namespace: string;
  /** Ends the calls that nobody waits for. */
  readonly #closed = new AbortController();

  /** @param address path of the socket. */
  constructor(address: string, namespace: string) {
    this.client = new Client(`unix://${address}`, credentials.createInsecure(), channelOptions);
    this.#namespace = namespace;
  }

  /** @throws ContainerdError */
  unary<Response extends object>(
    method: Method,
    request: object,
    options: CallOptions = {},
    methodDeadlineMs: number | null = defaultDeadlineMs,
  ): Promise<Response> {
    const deadlineMs = deadlineOf(options, methodDeadlineMs);
    return new Promise<Response>((resolve, reject) => {
      let guard: Guard | undefined;
      const done = (error: ServiceError | null, value?: object): void => {
        guard?.release();
        if (error) reject(guard?.reason() ?? toContainerdError(error));
        else if (value) resolve(value as Response);
        else reject(new ContainerdError('internal', `${method.path}: no answer`));
      };
      if (options.signal?.aborted) return reject(abortedError(method));
      const call = this.client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        this.#metadata(options),
        done,
      );
      guard = watch(call, method, options.signal, deadlineMs);
    });
  }

  /** Whoever asks may go; it goes on for as long as containerd takes. @throws ContainerdError */
  alone<Response extends object>(
    method: Method,
    request: object,
    options: CallOptions,
  ): Promise<Response> {
    const call = { ...options, signal: this.#closed.signal, deadlineMs: null };
    return this.unary(method, request, call);
  }

  /** Waits for that as long as for the method's answer. @throws ContainerdError, and its own */
  async until<T>(
    that: Promise<T>,
    method: Method,
    options: CallOptions,
    methodDeadlineMs: number | null = defaultDeadlineMs,
  ): Promise<T> {
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    const deadlineMs = deadlineOf(options, methodDeadlineMs);
    const guard = watch({ cancel: reject }, method, options.signal, deadlineMs);
    try {
      return await Promise.race([givenUp, that]);
    } finally {
      guard.release();
    }
  }

  /**
   * Messages as they come, at the reader's pace. Ends quietly when the signal is aborted.
   * @param idleMs longest wait for the next message; null: for ever.
   * @throws ContainerdError
   */
  async *stream<Response extends object>(
    method: Method,
    request: object,
    options: CallOptions = {},
    idleMs: number | null = defaultDeadlineMs,
  ): AsyncGenerator<Response> {
    if (options.signal?.aborted) return;
    const call = this.client.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      this.#metadata(options),
    );
    call.on('error', thrownByTheIterator);
    const messages = call[Symbol.asyncIterator]();
    let guard: Guard | undefined;
    try {
      for (;;) {
        guard = watch(call, method, options.signal, idleMs);
        const next = await messages.next();
        guard.release();
        if (next.done) return;
        yield next.value as Response;
      }
    } catch (error) {
      if (options.signal?.aborted) return;
      throw guard?.reason() ?? toContainerdError(error);
    } finally {
      guard?.release();
      call.cancel();
    }
  }

  /** A stream where each message is answered by one; `idleMs` bounds each answer. */
  upload(method: Method, options: CallOptions, idleMs: number): UploadStream {
    const settings: GrpcOptions = {};
    const call = this.client.makeBidiStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      this.#metadata(options),
      settings,
    );
    call.on('error', thrownByTheIterator);
    const answers = call[Symbol.asyncIterator]();
    return {
      async exchange(message) {
        const guard = watch(call, method, options.signal, idleMs);
        try {
          call.write(message);
          const next = await answers.next();
          if (next.done) throw new ContainerdError('unavailable', `${method.path}: stream ended`);
          return next.value;
        } catch (error) {
          throw guard.reason() ?? toContainerdError(error);
        } finally {
          guard.release();
        }
      },
      close() {
        call.end();
        call.cancel();
      },
    };
  }

  close(): void {
    this.#closed.abort();
    this.client.close();
  }

  #metadata(options: CallOptions): Metadata {
    const metadata = new Metadata();
    metadata.set('containerd-namespace', this.#namespace);
    if (options.lease) metadata.set('containerd-lease', options.lease);
    return metadata;
  }
}

/** After the last read a cancelled call still emits its error, which nobody waits for then. */
const thrownByTheIterator = (): undefined => undefined;

function watch(
  call: Cancellable,
  method: Method,
  signal: AbortSignal | undefined,
  deadlineMs: number | null,
): Guard {
  let reason: ContainerdError | undefined;
  const onAbort = (): void => {
    reason ??= abortedError(method);
    call.cancel(reason);
  };
  const onTimeout = (): void => {
    reason ??= new ContainerdError('deadline', `${method.path}: no answer in ${deadlineMs} ms`);
    call.cancel(reason);
  };
  const stop = deadlineMs === null ? undefined : after(deadlineMs, onTimeout);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  return {
    reason: () => reason,
    release: () => {
      signal?.removeEventListener('abort', onAbort);
      stop?.();
    },
  };
}

function deadlineOf(options: CallOptions, methodDeadlineMs: number | null): number | null {
  return options.deadlineMs === undefined ? methodDeadlineMs : options.deadlineMs;
}

export function abortedError(method: Method): ContainerdError {
  return new ContainerdError('cancelled', `${method.path}: aborted by the caller`);
}
