/** What the log options `labels`, `env` and `tag` keep with each record of a container's log. */
import type { ContainerContext } from '../../machines/container.context.ts';
import { EffectFailure } from '../failure.ts';
import { logTag } from './logTag.ts';

/** @throws EffectFailure with Docker's text */
function pattern(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new EffectFailure(
      'failed',
      `failed to initialize logging driver: error parsing regexp: ${why}`,
    );
  }
}

/** The pairs whose names are listed, or fit the expression. */
function picked(
  pairs: Readonly<Record<string, string>>,
  list: string | undefined,
  expression: string | undefined,
): Record<string, string> {
  const listed = (list ?? '').split(',');
  const fits = expression === undefined || expression === '' ? undefined : pattern(expression);
  const kept = Object.entries(pairs).filter(
    ([name]) => listed.includes(name) || fits?.test(name) === true,
  );
  return Object.fromEntries(kept);
}

function pairsOf(environment: readonly string[]): Record<string, string> {
  const pairs = environment.map((entry): [string, string] => {
    const at = entry.indexOf('=');
    return [entry.slice(0, at), entry.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

/** Whether values of the environment are asked for: only then are they to be looked up. */
export function wantsEnvironment(options: Readonly<Record<string, string>>): boolean {
  return options['env'] !== undefined || options['env-regex'] !== undefined;
}

/**
 * @param environment `NAME=value`, as the container gets it
 * @throws EffectFailure for an expression or a template that can not be read
 */
export function logAttributes(
  subject: Pick<ContainerContext, 'id' | 'name' | 'image' | 'config' | 'hostConfig'>,
  environment: readonly string[],
  hostname: string,
): Readonly<Record<string, string>> {
  const { Config: options } = subject.hostConfig.LogConfig;
  const tag = options['tag'] ?? '';
  return {
    ...picked(subject.config.Labels, options['labels'], options['labels-regex']),
    ...picked(pairsOf(environment), options['env'], options['env-regex']),
    ...(tag === '' ? {} : { tag: logTag(tag, subject, hostname) }),
  };
}
