/** The container's first process: what is run, as whom, with which rights. */
import { capabilities } from './capabilities.ts';
import { environment } from './environment.ts';
import { isTrue, textList, wholeNumber } from './hostFields.ts';
import { hostnameOf } from './hostname.ts';
import { appArmorProfile, securityOptions } from './security.ts';
import type { OciProcess, SpecInput } from './types.ts';
import { ulimits } from './ulimits.ts';

export type ProcessInput = Pick<
  SpecInput,
  'container' | 'env' | 'user' | 'host' | 'init' | 'defaults'
>;

/** Where the program lies in the container that is its process 1. */
export const INIT_TARGET = '/sbin/docker-init';

export function processOf(input: ProcessInput): OciProcess {
  const { config, hostConfig } = input.container;
  const { noNewPrivileges } = securityOptions(hostConfig);
  const apparmorProfile = appArmorProfile(hostConfig, input.host);
  const init = input.init === undefined ? [] : [INIT_TARGET, '--'];
  const rlimits = ulimits(hostConfig, input.defaults.ulimits, input.host.rlimits);
  const consoleSize = config.Tty ? sizeOf(hostConfig['ConsoleSize']) : undefined;
  return {
    terminal: config.Tty,
    ...(consoleSize === undefined ? {} : { consoleSize }),
    user: input.user,
    args: [...init, ...(config.Entrypoint ?? []), ...(config.Cmd ?? [])],
    env: environment(input.env, { hostname: hostnameOf(input), tty: config.Tty }),
    cwd: workingDirectory(config.WorkingDir),
    capabilities: capabilities({
      add: textList(hostConfig, 'CapAdd'),
      drop: textList(hostConfig, 'CapDrop'),
      privileged: isTrue(hostConfig, 'Privileged'),
      available: input.host.capabilities,
    }),
    noNewPrivileges: noNewPrivileges ?? input.defaults.noNewPrivileges,
    oomScoreAdj: wholeNumber(hostConfig, 'OomScoreAdj') ?? 0,
    ...(rlimits.length === 0 ? {} : { rlimits }),
    ...(apparmorProfile === undefined ? {} : { apparmorProfile }),
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
