/** The container that a reference of the native API names, also one that is gone. */
import type { ContainerDetails } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';

/** @throws ApiError: empty 400, unknown 404, several 400. */
export function found({ containers }: Pick<ApiPorts, 'containers'>, ref: string): ContainerDetails {
  if (ref === '') throw apiError('empty-reference', {});
  const resolution = containers.resolveEver(ref);
  if (resolution.kind === 'ambiguous') throw apiError('ambiguous-reference', { ref });
  const details = resolution.kind === 'found' ? containers.get(resolution.id) : undefined;
  if (details === undefined) throw apiError('no-such-container', { ref });
  return details;
}
