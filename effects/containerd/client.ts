/**
 * The containerd client: one connection, one namespace, the services that shiplog uses. It does
 * and decides nothing by itself: no call is repeated, the connection alone is made again when it
 * breaks.
 */
import { Channel } from './channel.ts';
import type { StateListener } from './connection.ts';
import { Connection } from './connection.ts';
import type { Containers } from './services/containers.ts';
import { containers } from './services/containers.ts';
import type { Content } from './services/content.ts';
import { content } from './services/content.ts';
import type { Diff } from './services/diff.ts';
import { diff } from './services/diff.ts';
import type { Events } from './services/events.ts';
import { events } from './services/events.ts';
import type { Images } from './services/images.ts';
import { images } from './services/images.ts';
import type { Introspection } from './services/introspection.ts';
import { introspection, version } from './services/introspection.ts';
import type { Leases } from './services/leases.ts';
import { leases } from './services/leases.ts';
import type { Namespaces } from './services/namespaces.ts';
import { namespaces } from './services/namespaces.ts';
import type { Snapshots } from './services/snapshots.ts';
import { snapshots } from './services/snapshots.ts';
import type { Tasks } from './services/tasks.ts';
import { tasks } from './services/tasks.ts';
import type { CallOptions, ConnectionState, VersionInfo } from './types.ts';

/** Every method throws `ContainerdError` (errors.ts), and nothing else that containerd caused. */
export interface Containerd {
  readonly address: string;
  readonly namespace: string;
  readonly containers: Containers;
  readonly tasks: Tasks;
  readonly snapshots: Snapshots;
  readonly images: Images;
  readonly content: Content;
  readonly leases: Leases;
  readonly namespaces: Namespaces;
  readonly diff: Diff;
  readonly events: Events;
  readonly introspection: Introspection;
  version(options?: CallOptions): Promise<VersionInfo>;
  /** `lost` until the first connection stands; calls made meanwhile fail as `unavailable`. */
  state(): ConnectionState;
  /** @returns takes the listener away again. */
  onState(listener: StateListener): () => void;
  /** Resolves whether it is connected, at the latest after `timeoutMs`. */
  whenConnected(timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
  close(): void;
}

export interface ContainerdAddress {
  /** Path of containerd's socket. */
  readonly address: string;
  readonly namespace: string;
}

/** Begins to connect, and returns at once. */
export function connectContainerd({ address, namespace }: ContainerdAddress): Containerd {
  const channel = new Channel(address, namespace);
  const connection = new Connection(channel.client);
  return {
    address,
    namespace,
    containers: containers(channel),
    tasks: tasks(channel),
    snapshots: snapshots(channel),
    images: images(channel),
    content: content(channel),
    leases: leases(channel),
    namespaces: namespaces(channel),
    diff: diff(channel),
    events: events(channel),
    introspection: introspection(channel),
    version: (options) => version(channel, options),
    state: () => connection.state(),
    onState: (listener) => connection.onState(listener),
    whenConnected: (timeoutMs, signal) => connection.whenConnected(timeoutMs, signal),
    close: () => {
      connection.close();
      channel.close();
    },
  };
}
