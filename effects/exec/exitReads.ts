/**
 * Exits of execs that somebody is about to read. An exec ends with its container, and its exit can
 * be read for as long as containerd has the container's task: who deletes that reads first what is
 * not read yet, and keeps it for whoever comes.
 */
import type { EffectParams } from '../../machines/effects.ts';
import type { ContainerId } from '../../machines/words.ts';
import type { TaskExit } from '../containerd/types.ts';

type Ref = EffectParams['exec.await-exit'];

export interface ExitReads {
  /** From the start on; also while a try has failed and the next one is due. */
  begin(exec: Ref): void;
  /** It is read, or nobody tries any more. */
  end(exec: Ref): void;
  /** Those of that run that are not read yet. */
  pending(id: ContainerId, run: number): readonly Ref[];
  keep(exec: Ref, exit: TaskExit): void;
  kept(exec: Ref): TaskExit | undefined;
}

interface Read {
  readonly ref: Ref;
  exit: TaskExit | undefined;
}

export function makeExitReads(): ExitReads {
  const open = new Map<string, Read>();
  return {
    begin(ref) {
      if (!open.has(ref.exec)) open.set(ref.exec, { ref, exit: undefined });
    },
    end({ exec }) {
      open.delete(exec);
    },
    pending(id, run) {
      const those = [...open.values()].filter(({ ref }) => ref.id === id && ref.run === run);
      return those.filter(({ exit }) => exit === undefined).map(({ ref }) => ref);
    },
    keep({ exec }, exit) {
      const read = open.get(exec);
      if (read !== undefined) read.exit = exit;
    },
    kept: ({ exec }) => open.get(exec)?.exit,
  };
}
