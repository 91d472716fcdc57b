/**
 * containerd's task events as hints to look: they may come twice, late or not at all, and say
 * nothing that is believed. Whoever gets one looks for himself.
 */
import type { Containerd } from '../containerd/client.ts';

const KINDS = new Set(['task-paused', 'task-resumed', 'task-delete', 'container-delete']);

/**
 * Ids of containers that something happened to; ends when the signal is aborted.
 * @throws ContainerdError when the connection breaks: subscribe again, and look at everything.
 */
export async function* containerHints(
  containerd: Pick<Containerd, 'events' | 'namespace'>,
  signal: AbortSignal,
): AsyncIterable<string> {
  const { namespace } = containerd;
  const filters = ['/tasks/paused', '/tasks/resumed', '/tasks/delete', '/containers/delete'];
  const subscription = containerd.events.subscribe(
    filters.map((topic) => `namespace==${namespace},topic=="${topic}"`),
    signal,
  );
  for await (const { body } of subscription) {
    if (KINDS.has(body.kind) && 'containerId' in body) yield body.containerId;
  }
}
