/**
 * The output of runs, as the handlers see it: FIFOs for containerd, opened before the task is made
 * and read until their end. The stdio process behind it (effects/stdio) outlives the daemon.
 */
import type { Duplex } from 'node:stream';
import type { ContainerContext } from '../../machines/container.context.ts';
import type { ContainerId } from '../../machines/words.ts';
import type { Stdio } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import { environment } from '../spec/environment.ts';
import { type LogDriver, logLimits } from '../stdio/logOptions.ts';
import type { AttachWants, FifoPaths, RunParameters } from '../stdio/protocol.ts';
import type { ContainerDeps } from './deps.ts';
import { logAttributes, wantsEnvironment } from './logAttributes.ts';
import { containerPaths } from './paths.ts';
import { revealedEnv } from './revealedEnv.ts';

/** The part of the stdio client that handlers use. */
export interface OutputPort {
  /** Makes the FIFOs of a run and reads them from now on; open already is fine. */
  open(parameters: RunParameters): Promise<FifoPaths>;
  /** Where they are, or will be. */
  paths(parameters: RunParameters): FifoPaths;
  /** Frames of the present run's output, or of the next one's if there is none. */
  attach(container: string, wants: AttachWants): Promise<Duplex>;
  /** Whether all output was read, at the latest after `ms` milliseconds. */
  awaitEnd(container: ContainerId, run: number, ms: number): Promise<boolean>;
  /** True once all output was read, asked before there is any; false: nobody knows any more. */
  untilEnd(container: ContainerId, run: number): Promise<boolean>;
  /** Whether the run's stdin is closed on our side, at the latest after `ms` milliseconds. */
  awaitStdinClosed(container: ContainerId, run: number, ms: number): Promise<boolean>;
  /** Removes the FIFOs of a run; nothing to remove is fine. */
  close(container: ContainerId, run: number): Promise<void>;
  /** Forgets the container altogether. */
  abandon(container: ContainerId): Promise<void>;
  /** Whether there may be something to forget of one that only this daemon has had to do with. */
  isUsed(container: ContainerId): boolean;
}

/** How long an exit waits for the rest of the output. */
const REST_MS = 2_000;

/** A container of an earlier version of shiplog may name nothing: json-file. */
const driverOf = (type: string): LogDriver =>
  type === 'none' || type === 'local' ? type : 'json-file';

type Log = Pick<RunParameters, 'logPath' | 'logDriver' | 'logOptions' | 'logAttributes'>;

/** @throws EffectFailure with Docker's text for an option that no log can be opened with */
function logOf(deps: ContainerDeps, subject: ContainerContext): Log {
  const { Type: type, Config: logOptions } = subject.hostConfig.LogConfig;
  const logDriver = driverOf(type);
  const logPath = containerPaths(deps.roots, subject.id)[logDriver === 'local' ? 'local' : 'log'];
  checked(logDriver, logOptions);
  // The other drivers keep nothing but what was written.
  if (logDriver !== 'json-file') return { logPath, logDriver, logOptions };
  const entries = wantsEnvironment(logOptions) ? revealedEnv(deps, subject.env) : [];
  const { Tty: tty, Hostname: own } = subject.config;
  const values = environment(entries, { hostname: own, tty });
  const attributes = logAttributes(subject, values, deps.host.hostname);
  if (Object.keys(attributes).length === 0) return { logPath, logDriver, logOptions };
  return { logPath, logDriver, logOptions, logAttributes: attributes };
}

function checked(driver: LogDriver, options: Readonly<Record<string, string>>): void {
  if (driver === 'none') return;
  try {
    logLimits(driver, options);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new EffectFailure('failed', `failed to initialize logging driver: ${text}`);
  }
}

export async function openOutput(
  deps: ContainerDeps,
  subject: ContainerContext,
  run: number,
): Promise<Stdio> {
  const { id, config } = subject;
  const fifos = await deps.stdio.open({
    container: id,
    run,
    tty: config.Tty,
    openStdin: config.OpenStdin,
    stdinOnce: config.StdinOnce,
    ...logOf(deps, subject),
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
