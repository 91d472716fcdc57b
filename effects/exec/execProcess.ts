/** The OCI process of an exec: the container's own, but for what the exec says otherwise. */

import { userOf } from '../container/containerRoot.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { containerPaths } from '../container/paths.ts';
import { revealedEnv } from '../container/revealedEnv.ts';
import type { ExecSubject } from '../handler.ts';
import { processOf } from '../spec/process.ts';
import type { OciProcess } from '../spec/types.ts';

/** Needs the mounted root of the running container. @throws EffectFailure for an unknown user */
export function execProcess(deps: ContainerDeps, { container, exec }: ExecSubject): OciProcess {
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
  return processOf({
    container: changed,
    env: revealedEnv(deps, [...container.env, ...exec.env]),
    user: userOf(deps.system, changed, root),
    host: deps.host,
    init: undefined,
    defaults: deps.defaults(),
  });
}
