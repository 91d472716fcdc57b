/**
 * Exits of execs that somebody is about to read. An exec ends with its container, and its exit can
 * be read for as long as containerd has the container's task: who deletes that reads first what is
 * not read yet, and keeps it for whoever comes. Who starts an exec waits for its end at once, for
 * whoever asks once the start is on record.
 */
import type { EffectParams } from '../../machines/effects.ts';
import type { ContainerId } from '../../machines/words.ts';
import type { TaskExit } from '../containerd/types.ts';

type Ref = EffectParams['exec.await-exit'];

export interface ExitReads {
  /**
   * From before the start on; also while a try has failed and the next one is due.
   * @returns whether it was not begun before
   */
  begin(exec: Ref): boolean;
  /** It is read, or nobody tries any more; a wait for it is broken off. */
  end(exec: Ref): void;
  /** Waits for its end from now on. */
  await(exec: Ref, wait: ExitWait): void;
  /** What that came to, once; undefined: it broke off, or nobody has begun it. */
  awaited(exec: Ref): Promise<TaskExit | undefined>;
  /** Those of that run that are not read yet. */
  pending(id: ContainerId, run: number): readonly Ref[];
  keep(exec: Ref, exit: TaskExit): void;
  kept(exec: Ref): TaskExit | undefined;
}

/** Undefined: it broke off, which says nothing about the exit. */
export type ExitWait = (signal: AbortSignal) => Promise<TaskExit | undefined>;

interface Read {
  readonly ref: Ref;
  readonly over: AbortController;
  exit: TaskExit | undefined;
  wait: Promise<TaskExit | undefined> | undefined;
}

export function makeExitReads(): ExitReads {
  const open = new Map<string, Read>();
  return {
    begin(ref) {
      if (open.has(ref.exec)) return false;
      open.set(ref.exec, { ref, over: new AbortController(), exit: undefined, wait: undefined });
      return true;
    },
    end({ exec }) {
      open.get(exec)?.over.abort();
      open.delete(exec);
    },
    await({ exec }, wait) {
      const read = open.get(exec);
      if (read !== undefined) read.wait = wait(read.over.signal).catch(() => undefined);
    },
    async awaited({ exec }) {
      const read = open.get(exec);
      const wait = read?.wait;
      if (read !== undefined) read.wait = undefined;
      return await wait;
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
