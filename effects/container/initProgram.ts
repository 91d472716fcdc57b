/** The program that is process 1 of a container that asks for one: it reaps and passes signals. */
import type { HostConfig } from '../../machines/container.config.ts';
import { EffectFailure } from '../failure.ts';
import type { SystemPort } from './systemPort.ts';

export interface InitDefaults {
  readonly init: boolean;
  /** null: `docker-init` on the PATH. */
  readonly initPath: string | null;
}

/**
 * Path on the host; undefined: not asked for, or another process is number 1 already.
 * @throws EffectFailure `failed` with dockerd's text when it is not there
 */
export function initProgram(
  { programs }: Pick<SystemPort, 'programs'>,
  hostConfig: HostConfig,
  defaults: InitDefaults,
): string | undefined {
  const asked = hostConfig['Init'];
  const wanted = typeof asked === 'boolean' ? asked : defaults.init;
  const own = hostConfig.PidMode === '' || hostConfig.PidMode === 'private';
  if (!wanted || !own) return undefined;
  const found = programs.lookUp(defaults.initPath ?? 'docker-init');
  if (found.kind === 'missing') throw new EffectFailure('failed', found.message);
  return found.file;
}
