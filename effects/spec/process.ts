/** The container's first process: what is run, as whom, with which rights. */
import { capabilities } from './capabilities.ts';
import { environment } from './environment.ts';
import { isTrue, textList, wholeNumber } from './hostFields.ts';
import { hostnameOf } from './hostname.ts';
import type { OciProcess, SpecInput } from './types.ts';
import { ulimits } from './ulimits.ts';

export type ProcessInput = Pick<SpecInput, 'container' | 'env' | 'user' | 'host'>;

export function processOf(input: ProcessInput): OciProcess {
  const { config, hostConfig } = input.container;
  const rlimits = ulimits(hostConfig);
  const consoleSize = config.Tty ? sizeOf(hostConfig['ConsoleSize']) : undefined;
  return {
    terminal: config.Tty,
    ...(consoleSize === undefined ? {} : { consoleSize }),
    user: input.user,
    args: [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])],
    env: environment(input.env, { hostname: hostnameOf(input), tty: config.Tty }),
    cwd: workingDirectory(config.WorkingDir),
    capabilities: capabilities({
      add: textList(hostConfig, 'CapAdd'),
      drop: textList(hostConfig, 'CapDrop'),
      privileged: isTrue(hostConfig, 'Privileged'),
      last: input.host.lastCapability,
    }),
    noNewPrivileges: forbidsNewPrivileges(textList(hostConfig, 'SecurityOpt')),
    oomScoreAdj: wholeNumber(hostConfig, 'OomScoreAdj') ?? 0,
    ...(rlimits.length === 0 ? {} : { rlimits }),
  };
}

/** Config.WorkingDir as the process sees it: `/` when none is given. */
export function workingDirectory(workingDir: string): string {
  return workingDir === '' ? '/' : workingDir;
}

/** HostConfig.ConsoleSize is [height, width]; zeros mean that the client did not know. */
function sizeOf(value: unknown): { readonly height: number; readonly width: number } | undefined {
  if (!Array.isArray(value)) return undefined;
  const [height, width]: readonly unknown[] = value;
  if (typeof height !== 'number' || typeof width !== 'number') return undefined;
  return height > 0 && width > 0 ? { height, width } : undefined;
}

/** `no-new-privileges`, or with `=true` or `:true`; the last one given counts. */
function forbidsNewPrivileges(options: readonly string[]): boolean {
  const given = options
    .map((option) => /^no-new-privileges(?:[=:](.*))?$/.exec(option))
    .filter((match) => match !== null)
    .at(-1);
  return given !== undefined && (given[1] ?? 'true') === 'true';
}
