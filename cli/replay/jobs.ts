/**
 * The long jobs over a log, as generators that tell how far they are: the daemon runs them in a
 * thread with a read connection of its own, offline tools in their only one.
 */

import type { ContainerSummary } from '../../projections/views.ts';
import { type Verification, verifySteps, type Witness } from '../../store/verify.ts';
import { containerAt, containersAt, type PastResolution } from './asOf.ts';
import { type CopyAsked, copyLog } from './copies.ts';
import { extractOf, verifyExtract } from './extract.ts';
import { openLogFile } from './logFile.ts';
import { type Rebuilt, rebuildBeside } from './rebuild.ts';
import { verifyWhole } from './verify.ts';

/** What each kind is asked with, and what it ends with. */
export interface Jobs {
  readonly verify: {
    readonly asked: {
      readonly path: string;
      readonly witness: Witness | null;
      /** The chain and the store's own tables alone: nothing is folded again. */
      readonly quick: boolean;
    };
    readonly result: Verification;
  };
  readonly copy: { readonly asked: CopyAsked; readonly result: null };
  readonly rebuild: {
    readonly asked: {
      readonly path: string;
      /** Where to put the rows that differ; must not exist. */
      readonly target: string;
    };
    readonly result: Rebuilt;
  };
  readonly containersAt: {
    readonly asked: { readonly path: string; readonly position: number };
    readonly result: readonly ContainerSummary[];
  };
  readonly containerAt: {
    readonly asked: { readonly path: string; readonly position: number; readonly ref: string };
    readonly result: PastResolution;
  };
}

export type JobKind = keyof Jobs;

type Steps<K extends JobKind> = Generator<number, Jobs[K]['result']>;

const JOBS: { readonly [K in JobKind]: (asked: Jobs[K]['asked']) => Steps<K> } = {
  *verify({ path, witness, quick }) {
    const db = openLogFile(path);
    try {
      if (extractOf(db) !== undefined) return yield* verifyExtract(db, witness ?? undefined);
      if (quick) return yield* verifySteps(db, { witness: witness ?? undefined });
    } finally {
      db.close();
    }
    return yield* verifyWhole(path, witness ?? undefined);
  },
  copy: (asked) => copyLog(asked),
  rebuild: ({ path, target }) => rebuildBeside(path, target),
  containersAt: ({ path, position }) => containersAt(path, position),
  containerAt: ({ path, position, ref }) => containerAt(path, position, ref),
};

/** Yields the position reached. */
export function work<K extends JobKind>(kind: K, asked: Jobs[K]['asked']): Steps<K> {
  return JOBS[kind](asked);
}
