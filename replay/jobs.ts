/**
 * The long jobs over a log, as generators that tell how far they are: the daemon runs them in a
 * thread with a read connection of its own, offline tools in their only one. All is JSON.
 */
import { type Verification, verifyLog, type Witness } from '../store/verify.ts';
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
}

export type JobKind = keyof Jobs;

type Steps<K extends JobKind> = Generator<number, Jobs[K]['result']>;

const JOBS: { readonly [K in JobKind]: (asked: Jobs[K]['asked']) => Steps<K> } = {
  *verify({ path, witness, quick }) {
    if (quick) return verifyLog(path, witness ?? undefined);
    return yield* verifyWhole(path, witness ?? undefined);
  },
};

/** Yields the position reached. */
export function work<K extends JobKind>(kind: K, asked: Jobs[K]['asked']): Steps<K> {
  return JOBS[kind](asked);
}
