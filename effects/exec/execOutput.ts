/**
 * Output and input of execs, at the stdio process: an exec is there under a key of its own, with
 * one run, and nothing of it goes to the container's log.
 */

import type { ExecContext } from '../../machines/exec.machine.ts';
import type { ContainerDeps } from '../container/deps.ts';
import type { Stdio } from '../containerd/types.ts';
import type { RunParameters } from '../stdio/protocol.ts';

export const EXEC_RUN = 1;
/** How long an exit waits for the rest of the output. */
const REST_MS = 2_000;

/** The exec's name at the stdio process, where a container has its id. */
export const stdioKey = (exec: string): string => `exec.${exec}`;

/** A detached exec has no input: nobody would ever end it. */
export const hasInput = ({ config, detach }: ExecContext): boolean => config.AttachStdin && !detach;

const parametersOf = (exec: ExecContext): RunParameters => ({
  container: stdioKey(exec.execId),
  run: EXEC_RUN,
  tty: exec.config.Tty,
  openStdin: hasInput(exec),
  stdinOnce: true,
  logPath: '',
  logDriver: 'none',
  logOptions: {},
});

/** What containerd is to be told; to be opened before the process is started. */
export function execStdio(deps: ContainerDeps, exec: ExecContext): Stdio {
  const { stdin, stdout, stderr } = deps.stdio.paths(parametersOf(exec));
  return { stdin, stdout, stderr, terminal: exec.config.Tty };
}

export async function openExecOutput(deps: ContainerDeps, exec: ExecContext): Promise<Stdio> {
  await deps.stdio.open(parametersOf(exec));
  return execStdio(deps, exec);
}

export const awaitExecOutputEnd = (deps: ContainerDeps, exec: string): Promise<boolean> =>
  deps.stdio.awaitEnd(stdioKey(exec), EXEC_RUN, REST_MS);

/** From before it is started on; false: nobody knows. */
export const untilExecOutputEnd = (deps: ContainerDeps, exec: string): Promise<boolean> =>
  deps.stdio.untilEnd(stdioKey(exec), EXEC_RUN);

export async function closeExecOutput(deps: ContainerDeps, exec: string): Promise<void> {
  await deps.stdio.close(stdioKey(exec), EXEC_RUN);
  await deps.stdio.abandon(stdioKey(exec));
}
