/**
 * Exits of execs that somebody is about to read. An exec ends with its container, and its exit can
 * be read for as long as containerd has the container's task: who deletes that waits here first.
 */
import type { EffectParams } from '../../machines/effects.ts';
import type { ContainerId } from '../../machines/words.ts';

type Ref = EffectParams['exec.await-exit'];

export interface ExitReads {
  /** From the start on; also while a try has failed and the next one is due. */
  begin(exec: Ref): void;
  /** It is read, or nobody tries any more. */
  end(exec: Ref): void;
  /** Resolves when none of that run is waited for any more; undefined: none is. */
  over(id: ContainerId, run: number): Promise<unknown> | undefined;
}

interface Read {
  readonly ref: Ref;
  readonly ended: PromiseWithResolvers<void>;
}

export function makeExitReads(): ExitReads {
  const open = new Map<string, Read>();
  return {
    begin(ref) {
      if (!open.has(ref.exec)) open.set(ref.exec, { ref, ended: Promise.withResolvers() });
    },
    end({ exec }) {
      open.get(exec)?.ended.resolve();
      open.delete(exec);
    },
    over(id, run) {
      const those = [...open.values()].filter(({ ref }) => ref.id === id && ref.run === run);
      return those.length === 0 ? undefined : Promise.all(those.map(({ ended }) => ended.promise));
    },
  };
}
