/**
 * Who uses the mount of a container's root. It is mounted once (a second overlay mount of the same
 * upper directory is undefined), and taken away when neither a run nor a copy needs it any more:
 * a copy of a stopped container mounts it for itself, a start meanwhile finds it, and a run that
 * ends under a copy leaves it. Removal takes it from the copies.
 *
 * All of one root happens one after the other. A daemon that was killed during a copy leaves a
 * mount behind; `sweep` takes those away that belong to no run.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerId } from '../../machines/words.ts';
import type { CallOptions } from '../containerd/types.ts';
import { codeOf } from '../system/libc.ts';
import { within } from '../system/within.ts';
import { hostSystem } from './hostSystem.ts';
import { containerPaths, type Roots } from './paths.ts';
import type { RootMaker } from './rootMaker.ts';
import { mountOnce, unmountAll } from './rootMount.ts';
import type { SystemPort } from './systemPort.ts';

export interface HeldRoot {
  readonly path: string;
  /** Aborted when the container is removed: then it is to be let go of soon. */
  readonly lost: AbortSignal;
  /** Repeatable. */
  release(): Promise<void>;
}

export interface RootMounts {
  /** For a run: until `runEnded`. @returns the mount point */
  forRun(id: ContainerId, options: CallOptions): Promise<string>;
  runEnded(id: ContainerId): Promise<void>;
  /** For a copy. @throws ContainerdError `not-found`: there is no such container */
  hold(id: ContainerId, options: CallOptions): Promise<HeldRoot>;
  /** The container is removed. */
  drop(id: ContainerId): Promise<void>;
}

/** How long copies may take to let go of a root that is removed. */
const LOST_MS = 5_000;

interface Use {
  copies: number;
  run: boolean;
  lost: AbortController;
  idle: PromiseWithResolvers<void>;
  /** End of the last thing that was asked of this root. */
  last: Promise<unknown>;
  /** Things asked and not done. */
  asked: number;
}

export interface RootMountsDeps {
  readonly rootMaker: Pick<RootMaker, 'layers'>;
  readonly roots: Roots;
  readonly system: Pick<SystemPort, 'files' | 'mounts'>;
  /** Directory of the host that is the container's root; undefined: it has one of its own. */
  externalRoot(id: ContainerId): string | undefined;
}

export function makeRootMounts(deps: RootMountsDeps): RootMounts {
  const { rootMaker, roots, system } = deps;
  const uses = new Map<ContainerId, Use>();
  const pathOf = (id: ContainerId): string => containerPaths(roots, id).root;

  async function inTurn<T>(id: ContainerId, what: (use: Use) => Promise<T>): Promise<T> {
    const use = uses.get(id) ?? newUse();
    uses.set(id, use);
    use.asked += 1;
    const done = use.last.then(() => what(use));
    use.last = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      use.asked -= 1;
      if (use.asked === 0 && use.copies === 0 && !use.run) uses.delete(id);
    }
  }

  async function mounted(id: ContainerId, options: CallOptions): Promise<void> {
    const external = deps.externalRoot(id);
    const layers =
      external === undefined
        ? await rootMaker.layers(id, options)
        : [{ type: 'bind', source: external, target: '', options: ['bind', 'rw'] }];
    await mountOnce(system, pathOf(id), layers);
  }

  const released = (id: ContainerId): Promise<void> =>
    inTurn(id, async (use) => {
      use.copies -= 1;
      if (use.copies > 0) return;
      use.idle.resolve();
      if (!use.run) await unmountAll(system, pathOf(id));
    });

  return {
    forRun: (id, options) =>
      inTurn(id, async (use) => {
        await mounted(id, options);
        use.run = true;
        return pathOf(id);
      }),
    runEnded: (id) =>
      inTurn(id, async (use) => {
        use.run = false;
        if (use.copies === 0) await unmountAll(system, pathOf(id));
      }),
    hold: (id, options) =>
      inTurn(id, async (use) => {
        // What an earlier daemon mounted and nobody has swept away is a run's.
        if (use.copies === 0 && !use.run) use.run = system.mounts.isMounted(pathOf(id));
        if (!use.run && use.copies === 0) await mounted(id, options);
        if (use.copies === 0) use.idle = Promise.withResolvers();
        use.copies += 1;
        return heldRoot(pathOf(id), use.lost.signal, () => released(id));
      }),
    async drop(id) {
      const use = uses.get(id);
      if (use !== undefined && use.copies > 0) {
        use.lost.abort(new Error('the container is removed'));
        await within(use.idle.promise, LOST_MS);
      }
      await inTurn(id, async (now) => {
        now.run = false;
        await unmountAll(system, pathOf(id));
      });
    },
  };
}

const newUse = (): Use => ({
  copies: 0,
  run: false,
  lost: new AbortController(),
  idle: Promise.withResolvers(),
  last: Promise.resolve(),
  asked: 0,
});

function heldRoot(path: string, lost: AbortSignal, release: () => Promise<void>): HeldRoot {
  let releasing: Promise<void> | undefined;
  return {
    path,
    lost,
    release: () => {
      releasing ??= release();
      return releasing;
    },
  };
}

/** @param running containers with a run, whose mounts stay. Before anything else uses a root. */
export async function sweepRoots(roots: Roots, running: ReadonlySet<string>): Promise<void> {
  for (const directory of ['roots', 'shm'].map((kind) => join(roots.execRoot, kind))) {
    for (const name of await namesIn(directory)) {
      if (!running.has(name)) await unmountAll(hostSystem, join(directory, name));
    }
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
