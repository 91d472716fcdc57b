/** `PATCH /shiplog/v1/containers/{id}/labels`: labels that change after the creation, as a fact. */
import { jsonBody } from '../body.ts';
import { containerId } from '../containers/lookup.ts';
import { submit } from '../containers/submit.ts';
import { apiError } from '../errors.ts';
import { type Handler, json } from '../request.ts';

export const labels: Handler = async (context, request) => {
  const ref = request.params['id'] ?? '';
  const { value } = await jsonBody('NativeLabels', request);
  const changes: Record<string, string | null> = {};
  for (const [key, label = null] of Object.entries(value)) changes[key] = label;
  if (Object.hasOwn(changes, ''))
    throw apiError('bad-parameter', { message: 'a label has no key' });
  const id = containerId(context.ports, ref);
  await submit(context, request, { type: 'update', id, labels: changes }, ref);
  return json(context.ports.containers.get(id)?.labels ?? {});
};
