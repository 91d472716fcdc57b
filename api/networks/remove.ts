/** `DELETE /networks/{id}`, `POST /networks/prune`. */
import { refusalError } from '../errors.ts';
import { filters, until } from '../filters.ts';
import { exclusive } from '../prune.ts';
import { empty, type Handler, json } from '../request.ts';
import { network } from './lookup.ts';

export const removeNetwork: Handler = async ({ ports }, request) => {
  const ref = request.params['id'] ?? '';
  const { id } = network(ports, ref);
  const command = { type: 'remove-network', id, prune: false } as const;
  const outcome = await ports.networks.submit(command, request.info);
  if (outcome.kind === 'refused') {
    throw refusalError(outcome.refusal, { command: 'network', ref });
  }
  return empty(204);
};

/** Those that no running container is in. One that somebody comes into meanwhile stays. */
export const pruneNetworks: Handler = async ({ ports }, request) => {
  const given = filters(request.query, ['until', 'label', 'label!']);
  const before = until(given, ports.ambient.nowNs());
  return await exclusive(ports, 'network', async () => {
    const wanted = ports.networks.queries
      .list()
      .filter(
        (one) =>
          !one.predefined &&
          (before === undefined || one.createdNs < before) &&
          given.labels('label', one.labels) &&
          given.withoutLabels('label!', one.labels),
      );
    const gone: string[] = [];
    for (const { id, name } of wanted) {
      const command = { type: 'remove-network', id, prune: true } as const;
      const outcome = await ports.networks.submit(command, request.info);
      if (outcome.kind !== 'refused') gone.push(name);
    }
    await ports.pruned('network', 0, request.info);
    return json({ NetworksDeleted: gone.length === 0 ? null : gone });
  });
};
