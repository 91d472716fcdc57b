/**
 * Processes that the kernel kills for lack of memory while their container lives on. containerd
 * only hints at it; what is told is what the control group has counted since it was told last. Who
 * goes on dying is looked at ever more rarely, so that the log does not grow with it: what was
 * killed meanwhile is told together (law 16).
 */
import { killsByNow } from '../effects/container/oom.ts';
import { sleep } from '../effects/system/clock.ts';
import { containerStream, phaseOf } from '../machines/container.decide.ts';
import { LIVING } from '../machines/container.observation.ts';
import { type Daemon, loggedState, worldOf } from './daemon.ts';

export interface MemoryWatch {
  lookAt(id: string): void;
  /** Those that run: hints may have been lost. */
  lookAtAll(): Promise<void>;
}

/** The hint may come before the kill is counted; what is killed at last may never be hinted at. */
const SOON_MS = [0, 50, 200, 500, 1_500];
const PAUSE_MS = { first: 1_000, most: 60_000 };

export function watchMemory(daemon: Daemon, signal: AbortSignal): MemoryWatch {
  const { log, journal } = daemon;
  /** Of those that are being looked at, who was hinted at once more. */
  const again = new Map<string, boolean>();

  async function watch(id: string): Promise<void> {
    let pauseMs = PAUSE_MS.first;
    do {
      again.set(id, false);
      await lookSoon(daemon, id, signal);
      await sleep(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS.most);
    } while (again.get(id) === true);
  }

  const lookAt = (id: string): void => {
    if (again.has(id)) return void again.set(id, true);
    watch(id)
      .catch((err: unknown) => {
        if (!signal.aborted) journal.warn({ err, id }, 'its memory could not be looked at');
      })
      .finally(() => again.delete(id));
  };
  return {
    lookAt,
    async lookAtAll() {
      for (const stored of log.states(containerStream(''))) {
        const { context, value } = loggedState(stored);
        if (LIVING.has(phaseOf({ context, value }))) await tellKills(daemon, context.id, false);
      }
    },
  };
}

/** Until it is told, or does not seem to have happened. */
async function lookSoon(daemon: Daemon, id: string, signal: AbortSignal): Promise<void> {
  for (const [at, ms] of SOON_MS.entries()) {
    await sleep(ms, signal);
    if (await tellKills(daemon, id, at === 0)) return;
  }
}

/**
 * @param hinted containerd has just said so
 * @returns whether there is nothing more to come: it was told, or it does not live
 */
async function tellKills(
  { log, condition, system }: Daemon,
  id: string,
  hinted: boolean,
): Promise<boolean> {
  const stream = containerStream(id);
  const stored = log.readable(stream);
  if (stored === undefined) return true;
  const state = loggedState(stored);
  const { context } = state;
  if (!LIVING.has(phaseOf(state))) return true;
  const told = context.oomKills ?? 0;
  const kills = killsByNow(told, await worldOf(condition).oomKills(context), hinted);
  if (kills <= told) return false;
  await system.observe(stream, { type: 'kills-seen', container: id, run: context.run, kills });
  return true;
}
