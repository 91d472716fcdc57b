/** What the native API needs of the rest beside the ports of the Engine facade. */

import type { Refusal } from '../../machines/container.commands.ts';
import type { CustomParts, LockedRuntime } from '../../machines/container.config.ts';
import type { Difference } from '../../machines/container.seen.ts';
import type { OpenRow } from '../../machines/container.waiting.ts';
import type { Caller, Cause, JsonObject } from '../../machines/words.ts';
import type { ContainerDetails, ContainerSummary } from '../../projections/views.ts';
import type { RequestInfo } from '../ports.ts';

/** A fact of one stream, with the state after it and who asked. */
export interface StreamFact {
  readonly position: number;
  readonly type: string;
  readonly data: JsonObject;
  /** e.g. `running`, `exited.clean`. */
  readonly phase: string;
  readonly atNs: bigint;
  /** null: no caller, it followed from something. */
  readonly caller: Caller | null;
}

/** A fact as JSON, with as much beside it as it can be chosen by. */
export interface FactText {
  readonly position: number;
  readonly stream: string;
  readonly type: string;
  /** JSON as stored. */
  readonly caller: string;
  /** False: the row was damaged, and `json` tells where and when alone. */
  readonly sound: boolean;
  readonly json: string;
}

export interface FactTexts {
  /** Facts after `position`, oldest first, at most `limit`. */
  after(position: number, limit: number): readonly FactText[];
  /** The same as lines in one piece, and the last position; undefined: there are none. */
  lines(
    position: number,
    limit: number,
  ): { readonly bytes: Buffer; readonly reached: number } | undefined;
}

/** Instants in decimal nanoseconds. */
export interface Neighbour {
  /** null: it is there. */
  readonly awaySinceNs: string | null;
}

export interface NativeStatus {
  readonly containerd: Neighbour;
  readonly stdio: Neighbour;
  /** Actors that a bug stopped. */
  readonly stopped: readonly { readonly stream: string; readonly reason: string }[];
  readonly reconciled: Reconciled | null;
}

export interface Reconciled {
  readonly atNs: string;
  /** How many containers were compared. */
  readonly checked: number;
  readonly differences: readonly Difference[];
}

export interface ReconcileAsked {
  /** Only look: nothing is recorded, nobody is told. */
  readonly dryRun: boolean;
  /** Ids to take over; `all`: whatever is unknown and can be. */
  readonly adopt: readonly string[] | 'all';
}

export interface ReconcileReport extends Reconciled {
  readonly adopted: readonly string[];
  readonly notAdopted: readonly { readonly id: string; readonly reason: string }[];
}

export type ReconcileOutcome =
  | { readonly kind: 'done'; readonly report: ReconcileReport }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** A fact with why it was written and what it asked for. */
export interface WhyFact extends StreamFact {
  readonly stream: string;
  readonly cause: Cause;
  readonly effects: readonly { readonly type: string }[];
}

/** What long work says: how far it is, and once how it ended. */
export type Working<R> =
  | { readonly kind: 'progress'; readonly position: number }
  | { readonly kind: 'done'; readonly result: R }
  | { readonly kind: 'failed'; readonly message: string };

export interface VerifyAsked {
  /** A position and its hash, hex, kept elsewhere; null: none. */
  readonly witness: { readonly position: number; readonly hash: string } | null;
  /** Chain and tables alone. */
  readonly quick: boolean;
}

export type Verified =
  | { readonly ok: true; readonly facts: number; readonly hash: string }
  /** The first bad row: its position, or its key in the table. */
  | {
      readonly ok: false;
      readonly table: string;
      readonly row: string;
      readonly problem: string;
    };

export interface Rebuilt {
  /** Position of the newest fact that the read models were folded from. */
  readonly facts: number;
  /** How many rows of theirs were not what the facts say, and are now. */
  readonly rows: number;
  /** The first of them. */
  readonly first: readonly {
    readonly table: string;
    readonly row: string;
    readonly problem: string;
  }[];
}

/** A container as it was. */
export interface PastContainer {
  readonly details: ContainerDetails;
  /** Of its own stream, oldest first. */
  readonly facts: readonly StreamFact[];
  /** What was asked and not answered then. */
  readonly rows: readonly OpenRow[];
  readonly adopted: { readonly unknown: readonly string[] } | null;
}

export type PastResolution =
  | { readonly kind: 'found'; readonly found: PastContainer }
  | { readonly kind: 'none' | 'ambiguous' };

export type ReloadOutcome =
  | { readonly kind: 'done'; readonly report: ReloadReport }
  /** Nothing has changed; the text says what is wrong with the configuration. */
  | { readonly kind: 'refused'; readonly message: string };

/** Options by their place in the file. */
export interface ReloadReport {
  /** Their value is another one now. */
  readonly changed: readonly string[];
  /** The file has another value that only a restart brings. */
  readonly atRestart: readonly string[];
  readonly warnings: readonly string[];
}

/** A file that is made, given out and taken away again. */
export interface CopiedLog {
  readonly bytes: number;
  readonly chunks: AsyncIterable<Buffer>;
}

export type CopyOutcome =
  | { readonly kind: 'done'; readonly copy: CopiedLog }
  | { readonly kind: 'failed'; readonly message: string };

export interface CopyWanted {
  /** Names of variables whose values go along; null: all secrets do. */
  readonly reveal: readonly string[] | null;
  /** Id: only its facts; null: the whole log. */
  readonly container: string | null;
}

export interface Native {
  /** A copy of the log as one file. */
  copy(wanted: CopyWanted, signal: AbortSignal): Promise<CopyOutcome>;
  /** Resolves when what the file says can be used. */
  reload(request: RequestInfo): Promise<ReloadOutcome>;
  /** The containers that were there after the fact at `position`. */
  containersAt(position: number, signal: AbortSignal): Promise<readonly ContainerSummary[]>;
  containerAt(position: number, ref: string, signal: AbortSignal): Promise<PastResolution>;
  status(): NativeStatus;
  reconcile(asked: ReconcileAsked, request: RequestInfo): Promise<ReconcileOutcome>;
  readonly texts: FactTexts;
  /** Checks the log in a thread of its own, which ends with the signal. */
  verify(asked: VerifyAsked, signal: AbortSignal): AsyncIterable<Working<Verified>>;
  /**
   * Folds all read models anew in a thread of its own and puts right what differs, while questions
   * are answered and facts appended.
   */
  rebuild(request: RequestInfo, signal: AbortSignal): AsyncIterable<Working<Rebuilt>>;
  /** The newest facts of a container and of its last runs' tasks, by position. */
  family(id: string): readonly WhyFact[];
  /** The newest facts of the daemon itself, oldest first. */
  daemonFacts(): readonly WhyFact[];
  /** Name of a user of this machine. */
  userName(uid: number): string | undefined;
  /** The newest facts of a stream, at most `limit`, oldest first. */
  facts(stream: string, limit: number): readonly StreamFact[];
  /** Of one that was not made here: what nobody can tell of it; null: it was made here. */
  adopted(id: string): { readonly unknown: readonly string[] } | null;
  /** What the user gave of it in place of an image or of what follows from options. */
  custom(id: string): CustomParts;
  /** What its latest run was locked to; null: it was not started yet. */
  runtimeOf(id: string): LockedRuntime | null;
  /** All that is asked and not answered, by the id of the container it is for. */
  openRows(): ReadonlyMap<string, readonly OpenRow[]>;
  /** Of one container, and of the task of its run. */
  openRowsOf(container: { readonly id: string; readonly run: number }): readonly OpenRow[];
}
