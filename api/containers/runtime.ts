/** The runtime that a name means now, or why it can not be used. */
import type { UnusableRuntime } from '../../machines/container.commands.ts';
import type { LockedRuntime } from '../../machines/container.config.ts';
import { apiError } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';

/** dockerd's exit codes of a start whose runtime is unknown, or not installed. */
const EXIT_CODES = { unknown: 128, missing: 127 } as const;

/** The runtime of a start; one that can not be used makes it fail, on record. */
export function runtimeOfStart(
  ports: Pick<ApiPorts, 'runtime'>,
  name: string,
): LockedRuntime | UnusableRuntime {
  const answer = ports.runtime(name);
  if (answer.kind === 'found') return answer.runtime;
  const message =
    answer.kind === 'missing'
      ? answer.message
      : apiError('unknown-runtime', { name, at: 'start' }).message;
  return { unusable: { message, exitCode: EXIT_CODES[answer.kind] } };
}

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
