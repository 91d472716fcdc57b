/**
 * How many bytes containers wrote into their own layer. Asked of containerd, which walks the files
 * of a layer that is still written to; so it is never part of a query that was not asked for sizes,
 * has a deadline, and is walked once for all who ask.
 */
import type { Containerd } from '../containerd/client.ts';
import { isContainerdError } from '../containerd/errors.ts';
import { monotonicMs } from '../system/clock.ts';
import type { Unstarted } from './unstarted.ts';

export interface Sizes {
  /** Bytes that each container wrote; those that could not be measured in time are absent. */
  written(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** For one request, however much it asks about; milliseconds. */
const BUDGET_MS = 20_000;
/** Walks at a time: more would only fight for the disk. */
const WALKERS = 4;

type Usage = (key: string, deadlineMs: number) => Promise<number | undefined>;

/** The sizes of containers of one snapshotter. @param warn about what is unexpected */
export function makeSizes(
  { snapshots }: Pick<Containerd, 'snapshots'>,
  snapshotter: string,
  warn: (error: unknown, message: string) => void,
  unstarted: Pick<Unstarted, 'imageOf'>,
): Sizes {
  const usage = shared(async (key, deadlineMs) => {
    try {
      return (await snapshots.usage({ snapshotter, key }, { deadlineMs })).size;
    } catch (error) {
      const none = isContainerdError(error, 'not-found') && unstarted.imageOf(key) !== undefined;
      // Its layer is still to be made.
      if (none) return 0;
      // Not there any more, or not to be had in time: unknown, and the others are told.
      if (!isContainerdError(error, 'not-found')) warn(error, `the size of ${key} is not known`);
      return undefined;
    }
  });
  return {
    async written(ids) {
      const sizes = await measured(ids, usage);
      return new Map([...sizes].flatMap(([id, size]) => (size === undefined ? [] : [[id, size]])));
    },
  };
}

/** Who asks while a walk is under way gets its answer. */
function shared(ask: Usage): Usage {
  const underWay = new Map<string, Promise<number | undefined>>();
  return (key, deadlineMs) => {
    const walk = underWay.get(key) ?? ask(key, deadlineMs).finally(() => underWay.delete(key));
    underWay.set(key, walk);
    return walk;
  };
}

async function measured(keys: readonly string[], usage: Usage) {
  const endMs = monotonicMs() + BUDGET_MS;
  const found = new Map<string, number | undefined>();
  const left = keys.values();
  async function walker(): Promise<void> {
    for (const key of left) {
      const ms = endMs - monotonicMs();
      if (ms <= 0) return;
      found.set(key, await usage(key, ms));
    }
  }
  await Promise.all(Array.from({ length: Math.min(WALKERS, keys.length) }, walker));
  return found;
}
