/**
 * Keeps a managed containerd running: when its process is gone, a new one is started, after a pause
 * that doubles with each failure. It watches the process, not its health: calls have deadlines.
 */
import { monotonicMs, sleep } from '../system/clock.ts';
import { isAlive } from '../system/process.ts';
import type { ManagedContainerd, ManagedOptions } from './managed.ts';
import { startManaged } from './managed.ts';

export interface SuperviseOptions extends ManagedOptions {
  onLost?(): void;
  onRestarted?(managed: ManagedContainerd): void;
}

export interface Supervision {
  /** The one that runs, or ran last. */
  current(): ManagedContainerd;
  /** Ends the watch, not containerd. Resolves when no restart is under way any more. */
  stop(): Promise<void>;
}

const lookMs = 500;
const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** One that ran this long was in order: the next pause is the first again. */
const steadyMs = 10_000;

export function supervise(managed: ManagedContainerd, options: SuperviseOptions): Supervision {
  const ending = new AbortController();
  let current = managed;
  const watch = async (): Promise<void> => {
    let pauseMs = firstPauseMs;
    let since = monotonicMs();
    while (await pause(lookMs, ending.signal)) {
      if (isAlive(current.pid, current.startTime)) continue;
      options.log.warn({ containerd: current.pid }, 'containerd is gone, starting it again');
      options.onLost?.();
      if (monotonicMs() - since > steadyMs) pauseMs = firstPauseMs;
      const next = await restart(options, pauseMs, ending.signal);
      if (!next) return;
      pauseMs = next.pauseMs;
      since = monotonicMs();
      current = next.managed;
      options.onRestarted?.(current);
    }
  };
  const watching = watch();
  return {
    current: () => current,
    async stop() {
      ending.abort();
      await watching;
    },
  };
}

/** Tries until it runs. @returns undefined when the watch was ended. */
async function restart(
  options: ManagedOptions,
  firstMs: number,
  signal: AbortSignal,
): Promise<{ managed: ManagedContainerd; pauseMs: number } | undefined> {
  let pauseMs = firstMs;
  while (await pause(pauseMs, signal)) {
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    try {
      return { managed: await startManaged(options), pauseMs };
    } catch (error) {
      options.log.warn({ err: error, pauseMs }, 'containerd does not start');
    }
  }
  return undefined;
}

/** @returns false when the signal was aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
