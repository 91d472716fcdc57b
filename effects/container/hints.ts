/**
 * containerd's task events as hints to look: they may come twice, late or not at all, and say
 * nothing that is believed. Whoever gets one looks for himself.
 */
import type { Containerd } from '../containerd/client.ts';

/** `memory`: it may lack memory; `task`: anything else. */
export interface Hint {
  readonly id: string;
  readonly about: 'task' | 'memory';
}

const TASK_KINDS = new Set(['task-paused', 'task-resumed', 'task-delete', 'container-delete']);

/**
 * Containers that something happened to; ends when the signal is aborted.
 * @throws ContainerdError when the connection breaks: subscribe again, and look at everything.
 */
export async function* containerHints(
  containerd: Pick<Containerd, 'events' | 'namespace'>,
  signal: AbortSignal,
): AsyncIterable<Hint> {
  const { namespace } = containerd;
  const tasks = ['/tasks/paused', '/tasks/resumed', '/tasks/delete', '/tasks/oom'];
  const subscription = containerd.events.subscribe(
    [...tasks, '/containers/delete'].map((topic) => `namespace==${namespace},topic=="${topic}"`),
    signal,
  );
  for await (const { body } of subscription) {
    if (!('containerId' in body)) continue;
    if (body.kind === 'task-oom') yield { id: body.containerId, about: 'memory' };
    if (TASK_KINDS.has(body.kind)) yield { id: body.containerId, about: 'task' };
  }
}
