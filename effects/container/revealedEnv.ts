/** The container's environment with its values, which are not in the log. */
import type { SecretRef } from '../../machines/container.config.ts';
import { EffectFailure } from '../failure.ts';
import type { ContainerDeps } from './deps.ts';

/**
 * `NAME=value`; without `=` what is taken away.
 * @throws EffectFailure `failed` when a value was erased: such a container can not start again.
 */
export function revealedEnv(
  deps: Pick<ContainerDeps, 'secrets'>,
  refs: readonly SecretRef[],
): readonly string[] {
  const values = deps.secrets.reveal(refs.flatMap(({ digest }) => (digest === '' ? [] : [digest])));
  return refs.map(({ name, digest }) => {
    if (digest === '') return name;
    const value = values.get(digest);
    if (value !== undefined) return `${name}=${value}`;
    throw new EffectFailure('failed', `the value of the environment variable ${name} was erased`);
  });
}
