/**
 * The shapes of the log, as its callers see them. `docs/log-format.md` says what lies on disk.
 * The store knows streams, facts, claims and agenda rows, and nothing of containers.
 */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** `<position>.<index>`: the fact that asked, and the index in its list of effects. */
export type AgendaId = string;

export interface ClaimKey {
  readonly kind: string;
  /** `<key> <user>` is a share of `<key>` (claims.ts). */
  readonly key: string;
}

export interface HeldClaim {
  readonly key: string;
  /** Name of the stream. */
  readonly holder: string;
}

export interface AskedEffect {
  readonly type: string;
  readonly params: Json;
  /** A name by which the same stream can cancel the row later. */
  readonly key?: string;
  /** Timers only: how long, in milliseconds. The row's due time is the fact's time plus this. */
  readonly ms?: number;
}

/** A secret value for the side table. The digest is what the fact's data holds. */
export interface NewSecret {
  readonly digest: string;
  readonly salt: string;
  readonly value: string;
}

/** One fact to append, with all that its row will hold. */
export interface NewFact {
  readonly stream: string;
  /** Version of the stream before this fact; 0: the stream must not exist. Really checked. */
  readonly expect: number;
  readonly type: string;
  readonly data: Json;
  /** State value after the fact, and the context, as JSON, that goes to `streams` only. */
  readonly state: Json;
  readonly contextText: string;
  /** SHA-256, hex, of the canonical JSON of `{context, value}` after the fact. */
  readonly digest: string;
  readonly revision: number;
  readonly effects: readonly AskedEffect[];
  /** Agenda rows that this fact closes: the effect it is the outcome of, and those it cancels. */
  readonly answers: readonly AgendaId[];
  readonly take: readonly ClaimKey[];
  readonly free: readonly ClaimKey[];
  readonly cause: Json;
  readonly caller: Json;
  /** True when the stream can take no more facts. */
  readonly final: boolean;
  /** Secrets to forget with this fact, by digest; not part of the row. */
  readonly erase?: readonly string[];
}

export interface StoredFact {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly data: Json;
  readonly state: Json;
  readonly digest: string;
  readonly effects: readonly AskedEffect[];
  readonly answers: readonly AgendaId[];
  readonly take: readonly ClaimKey[];
  readonly free: readonly ClaimKey[];
  readonly cause: Json;
  readonly caller: Json;
  /** Nanoseconds since 1970, strictly increasing over the whole log. */
  readonly atNs: bigint;
  readonly revision: number;
  /** SHA-256, hex. */
  readonly hash: string;
}

/** As much of a fact as a read model may look at: the same at the append and at a rebuild. */
export type FoldedFact = Pick<
  StoredFact,
  'position' | 'stream' | 'type' | 'data' | 'state' | 'atNs'
>;

export type BatchFold = (facts: readonly FoldedFact[]) => void;

export interface StreamState {
  readonly stream: string;
  readonly version: number;
  readonly position: number;
  readonly value: Json;
  readonly context: Json;
  readonly digest: string;
  readonly revision: number;
  readonly final: boolean;
}

export interface AgendaRow {
  readonly id: AgendaId;
  readonly stream: string;
  readonly type: string;
  readonly params: Json;
  readonly key: string | null;
  readonly openedNs: bigint;
  /** Timers only. */
  readonly ms: number | null;
  readonly dueNs: bigint | null;
}

export type AppendResult =
  | { readonly ok: true; readonly facts: readonly StoredFact[] }
  | { readonly ok: false; readonly conflict: AppendConflict };

export type AppendConflict =
  | {
      readonly kind: 'version';
      readonly stream: string;
      readonly expected: number;
      readonly actual: number;
    }
  | { readonly kind: 'claim'; readonly claim: ClaimKey; readonly holder: string }
  /** An agenda row that `answers` names is not open (already answered). */
  | { readonly kind: 'agenda'; readonly id: AgendaId }
  | { readonly kind: 'disk-full'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

/** A read model that is folded in the append's transaction. `db` is the writer connection. */
export interface ProjectionPort<Db> {
  readonly name: string;
  /** Raised when the shape changes: the tables are dropped and rebuilt from the facts. */
  readonly version: number;
  /** Statements that create the projection's tables (all named `p_<something>`). */
  readonly schema: readonly string[];
  readonly drop: readonly string[];
  /** What the types that it folds begin with; only these are shown to it. Absent: all types. */
  readonly folds?: readonly string[];
  /**
   * Called once for each connection, returns the fold of a batch: facts that follow one another, as
   * many at a time as there happen to be. Must be deterministic in the facts, however they are
   * parted.
   */
  prepare(db: Db): BatchFold;
}

export interface Clock {
  /** Nanoseconds since 1970. */
  nowNs(): bigint;
}

/**
 * The log. One writer; reads go to a connection of their own and see every acknowledged append. A
 * row that cannot be read is left out of lists and told once to the log's owner.
 */
export interface EventLog {
  /**
   * Facts of one call become durable together or not at all, with claims, agenda and projections.
   */
  append(facts: readonly NewFact[], secrets?: readonly NewSecret[]): Promise<AppendResult>;
  /** Position and hash (hex) of the newest fact; position 0 and 64 zeros for an empty log. */
  head(): { readonly position: number; readonly hash: string };
  /** Facts after `position`, oldest first, at most `limit` (default 500). */
  read(position: number, limit?: number): readonly StoredFact[];
  readStream(stream: string, afterVersion?: number): readonly StoredFact[];
  /** Last position whose time is at or before `ns`; 0 if none. */
  positionAt(ns: bigint): number;
  /** Of its newest fact, however damaged its row is otherwise; 0: there is no such stream. */
  version(stream: string): number;
  /** For whoever only looks: as `state`, but undefined also if it can not be read. */
  readable(stream: string): StreamState | undefined;
  /** Throws `DamagedRowError` (damage.ts) if the row cannot be read. */
  state(stream: string): StreamState | undefined;
  /** Streams whose name starts with `prefix`, final ones left out unless asked for. */
  states(prefix: string, withFinal?: boolean): readonly StreamState[];
  /**
   * Streams that take further facts and whose snapshot, byte for byte, is not the canonical JSON
   * that its digest is of. It may be so in another order of keys: whoever folds it can tell.
   */
  unproven(): readonly StreamState[];
  agenda(): readonly AgendaRow[];
  agendaOf(stream: string): readonly AgendaRow[];
  holder(claim: ClaimKey): string | undefined;
  /** Streams that hold a share of it. */
  sharers(claim: ClaimKey): readonly string[];
  /** The claim and its shares that are held, and those that queued appends are about to take. */
  held(claim: ClaimKey): readonly HeldClaim[];
  /** Values by digest; an erased one is absent. */
  reveal(digests: readonly string[]): ReadonlyMap<string, string>;
  /** Called after each commit with the new head position and the facts of the commit. */
  onCommit(listener: (facts: readonly StoredFact[]) => void): () => void;
  checkpoint(): void;
  close(): void;
}
