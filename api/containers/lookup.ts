/** From what a caller writes (id, name, prefix of an id) to the container. */
import type { ContainerDetails } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';

/** @throws ApiError: empty 400, unknown 404, several 400. */
export function containerId(ports: ApiPorts, ref: string, command?: 'kill'): string {
  if (ref === '') throw apiError('empty-reference', {});
  const found = ports.containers.resolve(ref);
  if (found.kind === 'ambiguous') throw apiError('ambiguous-reference', { ref });
  if (found.kind === 'none')
    throw apiError('no-such-container', { ref, ...(command && { command }) });
  return found.id;
}

/** @throws ApiError as `containerId`. */
export function container(ports: ApiPorts, ref: string): ContainerDetails {
  const details = ports.containers.get(containerId(ports, ref));
  if (details === undefined || details.removed) throw apiError('no-such-container', { ref });
  return details;
}
