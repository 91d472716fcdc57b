/**
 * containerd's events. No history, duplicates and loss are normal: after each
 * (re)subscription the subscriber must look for itself.
 */
import type { WireAny } from '../any.ts';
import { decodeMessage, fromWireAny } from '../any.ts';
import type { Channel } from '../channel.ts';
import { method } from '../proto.ts';
import type { WireTimestamp } from '../timestamps.ts';
import { toNs } from '../timestamps.ts';
import type { ContainerdEvent, EncodedAny, EventBody } from '../types.ts';

interface WireEnvelope {
  readonly timestamp: WireTimestamp | null;
  readonly namespace: string;
  readonly topic: string;
  readonly event: WireAny | null;
}

/**
 * Every field that an event of ours may have; proto-loader fills in those of the message at hand.
 */
interface WireBody {
  readonly id: string;
  readonly container_id: string;
  readonly exec_id: string;
  readonly pid: number;
  readonly exit_status: number;
  readonly exited_at: WireTimestamp | null;
}

export interface Events {
  /**
   * Ends when the signal is aborted. Without a namespace filter all namespaces arrive.
   * @param filters OR-ed; the parts of one, between commas, AND-ed.
   * @throws ContainerdError `unavailable` when the connection breaks: subscribe again, and look.
   */
  subscribe(filters: readonly string[], signal: AbortSignal): AsyncIterable<ContainerdEvent>;
}

const readers: Readonly<Record<string, (body: WireBody) => EventBody>> = {
  TaskCreate: (body) => ({ kind: 'task-create', containerId: body.container_id, pid: body.pid }),
  TaskStart: (body) => ({ kind: 'task-start', containerId: body.container_id, pid: body.pid }),
  TaskExit: (body) => exit('task-exit', body),
  TaskDelete: (body) => exit('task-delete', body),
  TaskOOM: (body) => ({ kind: 'task-oom', containerId: body.container_id }),
  TaskPaused: (body) => ({ kind: 'task-paused', containerId: body.container_id }),
  TaskResumed: (body) => ({ kind: 'task-resumed', containerId: body.container_id }),
  TaskExecAdded: (body) => ({
    kind: 'exec-added',
    containerId: body.container_id,
    execId: body.exec_id,
  }),
  TaskExecStarted: (body) => ({
    kind: 'exec-started',
    containerId: body.container_id,
    execId: body.exec_id,
    pid: body.pid,
  }),
  ContainerCreate: (body) => ({ kind: 'container-create', containerId: body.id }),
  ContainerDelete: (body) => ({ kind: 'container-delete', containerId: body.id }),
};

export function events(channel: Channel): Events {
  return {
    async *subscribe(filters, signal) {
      const subscribe = method('events.v1.Events', 'Subscribe');
      const stream = channel.stream<WireEnvelope>(subscribe, { filters }, { signal }, null);
      for await (const envelope of stream) yield fromEnvelope(envelope);
    },
  };
}

function fromEnvelope(envelope: WireEnvelope): ContainerdEvent {
  return {
    topic: envelope.topic,
    namespace: envelope.namespace,
    atNs: toNs(envelope.timestamp),
    body: readBody(fromWireAny(envelope.event) ?? { typeUrl: '', value: Buffer.alloc(0) }),
  };
}

/** Decodes a payload; what we have no words for comes as `other`. */
export function readBody(payload: EncodedAny): EventBody {
  const prefix = 'containerd.events.';
  const name = payload.typeUrl.startsWith(prefix) ? payload.typeUrl.slice(prefix.length) : '';
  const reader = readers[name];
  const body = reader ? decodeMessage(payload) : undefined;
  return reader && body ? reader(body as WireBody) : { kind: 'other', payload };
}

function exit(kind: 'task-exit' | 'task-delete', body: WireBody): EventBody {
  return {
    kind,
    containerId: body.container_id,
    id: body.id,
    pid: body.pid,
    exitStatus: body.exit_status,
    exitedAtNs: toNs(body.exited_at),
  };
}
