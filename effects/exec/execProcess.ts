/** The OCI process of an exec: the container's own, but for what the exec says otherwise. */

import type { JsonObject } from '../../machines/words.ts';
import { userOf } from '../container/containerRoot.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { containerPaths } from '../container/paths.ts';
import { revealedEnv } from '../container/revealedEnv.ts';
import type { ExecSubject } from '../handler.ts';
import { customProcess } from '../spec/custom.ts';
import { processOf, workingDirectory } from '../spec/process.ts';
import type { OciProcess } from '../spec/types.ts';

/** Needs the mounted root of the running container. @throws EffectFailure for an unknown user */
export function execProcess(
  deps: ContainerDeps,
  { container, exec }: ExecSubject,
): OciProcess | JsonObject {
  const { config } = exec;
  const own = container.config;
  const root = containerPaths(deps.roots, container.id).root;
  const changed = {
    ...container,
    config: {
      ...own,
      Entrypoint: null,
      Cmd: config.Cmd,
      Tty: config.Tty,
      User: config.User === '' ? own.User : config.User,
      WorkingDir: config.WorkingDir === '' ? own.WorkingDir : config.WorkingDir,
    },
    hostConfig: {
      ...container.hostConfig,
      // Not the container's: the terminal is another one.
      ConsoleSize: config.ConsoleSize ?? [0, 0],
      ...(config.Privileged ? { Privileged: true } : {}),
    },
  };
  const env = revealedEnv(deps, [...container.env, ...exec.env]);
  const user = userOf(deps.system, changed, root);
  const spec = container.custom?.spec;
  if (spec !== undefined) {
    const { Cmd: args, Tty: terminal } = config;
    const cwd = workingDirectory(changed.config.WorkingDir);
    return customProcess(spec, {
      args,
      terminal,
      cwd,
      env,
      ...(config.User === '' ? {} : { user }),
    });
  }
  return processOf({
    container: changed,
    env,
    user,
    host: deps.host,
    init: undefined,
    defaults: deps.defaults(),
  });
}
