/**
 * Whether the connection to containerd stands. The channel reconnects by itself, with backoff; this
 * keeps it trying and tells listeners of every change.
 */
import type { Client } from '@grpc/grpc-js';
import { connectivityState } from '@grpc/grpc-js';
import { after } from '../system/clock.ts';
import type { ConnectionState } from './types.ts';

export type StateListener = (state: ConnectionState) => void;

export class Connection {
  #state: ConnectionState = 'lost';
  #closed = false;
  readonly #listeners = new Set<StateListener>();
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
    this.#follow();
  }

  state(): ConnectionState {
    return this.#state;
  }

  /** @returns takes the listener away again. */
  onState(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Resolves true when connected, false after `timeoutMs` or the signal's abort. */
  async whenConnected(timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#state === 'connected') return true;
    return new Promise((resolve) => {
      const end = (): void => {
        stop();
        cancel();
        signal?.removeEventListener('abort', end);
        resolve(this.#state === 'connected');
      };
      const stop = this.onState((state) => {
        if (state === 'connected') end();
      });
      const cancel = after(timeoutMs, end);
      signal?.addEventListener('abort', end, { once: true });
    });
  }

  close(): void {
    this.#closed = true;
    this.#set('lost');
    this.#listeners.clear();
  }

  #follow(): void {
    if (this.#closed) return;
    const channel = this.#client.getChannel();
    const now = channel.getConnectivityState(true);
    this.#set(now === connectivityState.READY ? 'connected' : 'lost');
    if (now === connectivityState.SHUTDOWN) return;
    channel.watchConnectivityState(now, Number.POSITIVE_INFINITY, () => this.#follow());
  }

  #set(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }
}
