/** From the id that a caller gives to the exec. Execs have no names and no short ids. */
import type { ExecView } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';
import type { ApiRequest } from '../request.ts';

/** @throws ApiError 404 for an unknown exec, and for one whose container is removed. */
export function execOf(ports: ApiPorts, { params }: ApiRequest): ExecView {
  const id = params['id'] ?? '';
  const exec = ports.execs.get(id);
  if (exec === undefined || ports.containers.statusOf(exec.container) === undefined) {
    throw apiError('no-such-exec', { exec: id });
  }
  return exec;
}
