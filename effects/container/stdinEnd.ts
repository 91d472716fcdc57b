/**
 * The end of a container's input. The process in the container sees it only when the FIFO was
 * closed on our side and containerd's shim was told as well (CloseIO), whoever closed it, and also
 * when the daemon was away at that moment: so it is watched for as long as the exit is awaited.
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { ContainerDeps } from './deps.ts';

/** One question to the stdio process; asked again until the run has ended. */
const ASK_MS = 30_000;
/** After a failure: the stdio process or containerd is away. */
const AGAIN_MS = 1_000;

/** Ends when the end of input was passed on or `over` says that the run has ended. Never throws. */
export async function watchStdinEnd(
  deps: ContainerDeps,
  { id, config }: ContainerContext,
  run: number,
  over: AbortSignal,
): Promise<void> {
  if (!config.OpenStdin || !config.StdinOnce) return;
  while (!over.aborted) {
    try {
      if (!(await deps.stdio.awaitStdinClosed(id, run, ASK_MS))) continue;
      if (!over.aborted) await deps.containerd.tasks.closeIO({ containerId: id }, { signal: over });
      return;
    } catch (error) {
      if (over.aborted || isContainerdError(error, 'not-found')) return;
      deps.warn(error, 'the end of stdin could not be passed on yet');
      await deps.system.sleep(AGAIN_MS);
    }
  }
}
