/**
 * The output of runs, as the handlers see it: FIFOs for containerd, opened before the task is made
 * and read until their end. The stdio process behind it (effects/stdio) outlives the daemon.
 */
import type { Duplex } from 'node:stream';
import type { ContainerContext } from '../../machines/container.context.ts';
import type { ContainerId } from '../../machines/words.ts';
import type { Stdio } from '../containerd/types.ts';
import type { AttachWants, FifoPaths, RunParameters } from '../stdio/protocol.ts';
import type { ContainerDeps } from './deps.ts';
import { containerPaths } from './paths.ts';

/** The part of the stdio client that handlers use. */
export interface OutputPort {
  /** Makes the FIFOs of a run and reads them from now on; open already is fine. */
  open(parameters: RunParameters): Promise<FifoPaths>;
  /** Frames of the present run's output, or of the next one's if there is none. */
  attach(container: string, wants: AttachWants): Promise<Duplex>;
  /** Whether all output was read, at the latest after `ms` milliseconds. */
  awaitEnd(container: ContainerId, run: number, ms: number): Promise<boolean>;
  /** Whether the run's stdin is closed on our side, at the latest after `ms` milliseconds. */
  awaitStdinClosed(container: ContainerId, run: number, ms: number): Promise<boolean>;
  /** Removes the FIFOs of a run; nothing to remove is fine. */
  close(container: ContainerId, run: number): Promise<void>;
  /** Forgets the container altogether. */
  abandon(container: ContainerId): Promise<void>;
}

/** How long an exit waits for the rest of the output. */
const REST_MS = 2_000;

export async function openOutput(
  deps: ContainerDeps,
  { id, config, hostConfig }: ContainerContext,
  run: number,
): Promise<Stdio> {
  const fifos = await deps.stdio.open({
    container: id,
    run,
    tty: config.Tty,
    openStdin: config.OpenStdin,
    stdinOnce: config.StdinOnce,
    logPath: containerPaths(deps.roots, id).log,
    logDriver: hostConfig.LogConfig.Type === 'none' ? 'none' : 'json-file',
    logOptions: hostConfig.LogConfig.Config,
  });
  const { stdin, stdout, stderr } = fifos;
  return { stdin, stdout, stderr, terminal: config.Tty };
}

export function awaitOutputEnd(
  deps: ContainerDeps,
  id: ContainerId,
  run: number,
): Promise<boolean> {
  return deps.stdio.awaitEnd(id, run, REST_MS);
}

export function closeOutput(deps: ContainerDeps, id: ContainerId, run: number): Promise<void> {
  return deps.stdio.close(id, run);
}

export function abandonOutput(deps: ContainerDeps, id: ContainerId): Promise<void> {
  return deps.stdio.abandon(id);
}
