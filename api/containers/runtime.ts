/** The runtime that a name means now, or why it can not be used. */
import type { LockedRuntime } from '../../machines/container.config.ts';
import { apiError } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';

/** @throws ApiError 400; for a name that means nothing any more at start: 500, as dockerd's */
export function runtimeNamed(
  ports: Pick<ApiPorts, 'runtime'>,
  name: string,
  at: 'create' | 'start' | 'update',
): LockedRuntime {
  const answer = ports.runtime(name);
  switch (answer.kind) {
    case 'found':
      return answer.runtime;
    case 'unknown':
      throw apiError('unknown-runtime', { name, at });
    case 'missing':
      throw apiError('runtime-missing', { message: answer.message });
  }
}
