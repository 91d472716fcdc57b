/**
 * Exits of execs that somebody is about to read. An exec ends with its container, and its exit can
 * be read for as long as containerd has the container's task: who deletes that reads first what is
 * not read yet, and keeps it for whoever comes. Who starts an exec waits for its end beside that,
 * for whoever asks once the start is on record.
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
  awaited(exec: Ref): Promise<ExecEnd | undefined>;
  /** The same, but not longer than that, and it can be had again. */
  early(exec: Ref, patience: Promise<void>): Promise<ExecEnd | undefined>;
  /** It did not begin: that wait is broken off, the read is not. */
  notBegun(exec: Ref): void;
  /** Those of that run that are not read yet. */
  pending(id: ContainerId, run: number): readonly Ref[];
  keep(exec: Ref, exit: TaskExit): void;
  kept(exec: Ref): TaskExit | undefined;
}

export interface ExecEnd {
  readonly exit: TaskExit;
  /** Whether all of its output was read. */
  readonly outputEnded: boolean;
}

/** Undefined: it broke off, which says nothing about the exit. */
export type ExitWait = (signal: AbortSignal) => Promise<ExecEnd | undefined>;

interface Wait {
  readonly over: AbortController;
  readonly end: Promise<ExecEnd | undefined>;
}

interface Read {
  readonly ref: Ref;
  exit: TaskExit | undefined;
  wait: Wait | undefined;
  /** What awaits the wait has it, and no other is to. */
  awaited: boolean;
}

export function makeExitReads(): ExitReads {
  const open = new Map<string, Read>();
  return {
    begin(ref) {
      if (open.has(ref.exec)) return false;
      open.set(ref.exec, { ref, exit: undefined, wait: undefined, awaited: false });
      return true;
    },
    end({ exec }) {
      open.get(exec)?.wait?.over.abort();
      open.delete(exec);
    },
    await({ exec }, begin) {
      const read = open.get(exec);
      if (read === undefined) return;
      const over = new AbortController();
      const end = begin(over.signal).catch(() => undefined);
      read.wait = { over, end };
      read.awaited = false;
    },
    async early({ exec }, patience) {
      return (await Promise.race([open.get(exec)?.wait?.end, patience])) ?? undefined;
    },
    async awaited({ exec }) {
      const read = open.get(exec);
      if (read === undefined || read.awaited) return undefined;
      read.awaited = true;
      return await read.wait?.end;
    },
    notBegun({ exec }) {
      const read = open.get(exec);
      read?.wait?.over.abort();
      if (read !== undefined) read.wait = undefined;
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
