/** One prune of a kind at a time, as dockerd has it: a second one is refused, not queued. */
import { apiError } from './errors.ts';

const underWay = new WeakMap<object, Set<string>>();

/** @param daemon whose things are pruned. @throws ApiError 409 while another one runs */
export async function exclusive<T>(
  daemon: object,
  kind: string,
  prune: () => Promise<T>,
): Promise<T> {
  const running = underWay.get(daemon) ?? new Set();
  underWay.set(daemon, running);
  if (running.has(kind)) throw apiError('prune-running', {});
  running.add(kind);
  try {
    return await prune();
  } finally {
    running.delete(kind);
  }
}
