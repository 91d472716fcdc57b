/**
 * `POST /containers/prune`: removes what does not run, by filters. Each removal is a command of its
 * own; one that meanwhile is refused (it was started) is left out, not forced.
 */
import type { ContainerSummary } from '../../projections/views.ts';
import { refusalError } from '../errors.ts';
import { type Filters, filters, until } from '../filters.ts';
import { exclusive } from '../prune.ts';
import { type ApiContext, type ApiRequest, type Handler, json } from '../request.ts';
import { containerSizes } from './sizes.ts';
import { isRunning } from './status.ts';

const KEYS = ['until', 'label', 'label!'];
/** Removals at a time. */
const WORKERS = 4;

function prunable(given: Filters, nowNs: bigint): (item: ContainerSummary) => boolean {
  const before = until(given, nowNs);
  return (item) =>
    !isRunning(item) &&
    item.status !== 'removing' &&
    (before === undefined || item.createdNs < before) &&
    given.labels('label', item.labels) &&
    given.withoutLabels('label!', item.labels);
}

/** @returns the ids that are gone, in the order in which they went. */
async function removeAll(
  { ports }: ApiContext,
  request: ApiRequest,
  found: readonly ContainerSummary[],
): Promise<readonly string[]> {
  const gone: string[] = [];
  const left = found.values();
  async function worker(): Promise<void> {
    for (const { id } of left) {
      if (request.signal.aborted) return;
      const command = { type: 'remove', id, force: false, volumes: false } as const;
      const outcome = await ports.commands.submit(command, request.info);
      if (outcome.kind !== 'refused') gone.push(id);
      else if (outcome.refusal.kind === 'runtime-away')
        throw refusalError(outcome.refusal, { command: 'remove', ref: id });
    }
  }
  await Promise.all(Array.from({ length: Math.min(WORKERS, found.length) }, worker));
  return gone;
}

export const prune: Handler = async (context, request) => {
  const { ports } = context;
  const fits = prunable(filters(request.query, KEYS), ports.ambient.nowNs());
  return await exclusive(ports, 'container', async () => {
    const found = ports.containers.list().filter(fits);
    const sizes = await containerSizes(ports, found);
    const gone = await removeAll(context, request, found);
    const reclaimed = gone.reduce((sum, id) => sum + Math.max(sizes.get(id)?.SizeRw ?? 0, 0), 0);
    await ports.pruned('container', reclaimed, request.info);
    return json({ ContainersDeleted: gone.length === 0 ? null : gone, SpaceReclaimed: reclaimed });
  });
};
