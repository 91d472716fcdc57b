/** `POST /containers/{id}/update`: so far the restart policy; other changes are refused by name. */
import { jsonBody } from '../body.ts';
import { apiError } from '../errors.ts';
import { type Handler, json } from '../request.ts';
import { checkRestartPolicy } from './create.ts';
import { containerId } from './lookup.ts';
import { submit } from './submit.ts';
import { empty } from './unsupported.ts';

export const update: Handler = async (context, request) => {
  const ref = request.params['id'] ?? '';
  const { value: asked } = await jsonBody('ContainerUpdateRequest', request);
  const { RestartPolicy: policy, ...resources } = asked;
  for (const [field, value] of Object.entries(resources)) {
    if (!empty(value)) throw apiError('unsupported', { what: `update of ${field}` });
  }
  const id = containerId(context.ports, ref);
  if (policy?.Name !== undefined && policy.Name !== '') {
    checkRestartPolicy(policy);
    const restartPolicy = {
      Name: policy.Name,
      MaximumRetryCount: policy.MaximumRetryCount ?? 0,
    };
    await submit(context, request, { type: 'update', id, restartPolicy }, ref);
  }
  return json({ Warnings: null }, 200);
};
