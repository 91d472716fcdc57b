/**
 * What the actors need of the rest, declared by them. The store, the effects and the clock come in
 * through these; nothing here knows what a container is.
 */
import type { Family } from '../machines/decision.ts';
import type { EffectResult, JsonObject, JsonValue, StreamName } from '../machines/words.ts';
import type { Limits } from './admission.ts';

export interface AskedEffect {
  readonly type: string;
  readonly params: JsonValue;
  readonly key?: string;
  readonly ms?: number;
}

export interface ClaimKey {
  readonly kind: string;
  readonly key: string;
}

export interface NewFact {
  readonly stream: StreamName;
  readonly expect: number;
  readonly type: string;
  readonly data: JsonValue;
  readonly state: JsonValue;
  /** Canonical JSON of the context. */
  readonly contextText: string;
  readonly digest: string;
  readonly revision: number;
  readonly effects: readonly AskedEffect[];
  readonly answers: readonly string[];
  readonly take: readonly ClaimKey[];
  readonly free: readonly ClaimKey[];
  readonly cause: JsonValue;
  readonly caller: JsonValue;
  readonly final: boolean;
  readonly erase: readonly string[];
}

/** The part of an appended row that the actors go on with. */
export interface AppendedFact {
  readonly position: number;
  readonly stream: StreamName;
  readonly version: number;
  readonly type: string;
  readonly data: JsonValue;
  readonly effects: readonly AskedEffect[];
  readonly atNs: bigint;
}

export interface NewSecret {
  readonly digest: string;
  readonly salt: string;
  readonly value: string;
}

export type AppendOutcome =
  | { readonly ok: true; readonly facts: readonly AppendedFact[] }
  | {
      readonly ok: false;
      readonly conflict:
        | { readonly kind: 'claim'; readonly claim: ClaimKey; readonly holder: StreamName }
        | { readonly kind: 'disk-full' | 'failed'; readonly message: string }
        | { readonly kind: 'agenda'; readonly id: string }
        | { readonly kind: 'version'; readonly stream: StreamName };
    };

export interface AgendaRow {
  readonly id: string;
  readonly stream: StreamName;
  readonly type: string;
  readonly params: JsonValue;
  readonly key: string | null;
  readonly ms: number | null;
  readonly dueNs: bigint | null;
}

export interface StreamSnapshot {
  /** Of its newest fact in the log. */
  readonly position: number;
  readonly version: number;
  readonly value: JsonValue;
  readonly context: JsonValue;
  readonly digest: string;
  readonly final: boolean;
}

/** A fact as it was recorded, with the state value after it. */
export interface LoggedFact {
  readonly version: number;
  readonly type: string;
  readonly data: JsonValue;
  readonly state: JsonValue;
  /** Of the state after it. */
  readonly digest: string;
}

/** A row that could not be read, and was left out. */
export interface DamagedRow {
  readonly table: 'facts' | 'streams' | 'agenda';
  readonly stream: StreamName;
  readonly problem: string;
}

export interface Log {
  append(facts: readonly NewFact[], secrets?: readonly NewSecret[]): Promise<AppendOutcome>;
  /** Throws if it can not be read. */
  state(stream: StreamName): StreamSnapshot | undefined;
  /** Of streams that take further facts: those whose digest has still to be compared. */
  unproven(): readonly (StreamSnapshot & { readonly stream: StreamName })[];
  readStream(stream: StreamName): readonly LoggedFact[];
  /** Writes snapshot and agenda rows of a stream anew from its facts. Throws if it can not. */
  mend(
    stream: StreamName,
    refolded: { readonly context: JsonValue; readonly final: boolean },
  ): void;
  /** Found up to now. */
  damage(): readonly DamagedRow[];
  agenda(): readonly AgendaRow[];
  agendaOf(stream: StreamName): readonly AgendaRow[];
  holder(claim: ClaimKey): StreamName | undefined;
  sharers(claim: ClaimKey): readonly StreamName[];
  /** The claim and its shares that are held, also those that are about to be written. */
  held(claim: ClaimKey): readonly { readonly key: string; readonly holder: StreamName }[];
  /** Gives up the reserve kept for a full disk; false: it is given up already. */
  releaseReserve(): boolean;
}

/** How one kind of effect is to be run. */
export interface EffectPolicy {
  readonly deadlineMs: number | null;
  readonly lane: 'serial' | 'own';
  readonly tries: number;
  /** Limits are by class, `ActorPorts.limits`. */
  readonly class: string;
}

export interface Effects {
  policy(type: string): EffectPolicy;
  /** Never throws for what the world does; an exception is a bug of the handler. */
  run(
    type: string,
    params: JsonObject,
    subject: object,
    signal: AbortSignal,
  ): Promise<EffectResult>;
}

export interface Time {
  nowNs(): bigint;
  /** Milliseconds of the monotonic clock, since any moment. */
  monotonicMs(): number;
  /** Calls back after that many milliseconds of the monotonic clock; returns the cancellation. */
  after(ms: number, callback: () => void): () => void;
  /** A number in [0, 1), for jitter. */
  random(): number;
}

export interface Journal {
  info(record: object, message: string): void;
  warn(record: object, message: string): void;
  error(record: object, message: string): void;
}

/**
 * The boundaries of an effect: it begins, it is done and not yet on record, its outcome is on
 * record and nothing follows from it yet.
 */
export type Boundary = 'before' | 'after' | 'appended';

export interface ActorPorts {
  readonly log: Log;
  readonly effects: Effects;
  readonly time: Time;
  /** How many effects of each class are at work at once. */
  readonly limits: Limits;
  readonly journal: Journal;
  /** What the host has for decisions to pass over, read where one wants it; absent: nothing. */
  readonly busyPorts?: (() => readonly number[]) | undefined;
  readonly families: readonly Family[];
  /** An actor was stopped by a bug; it takes only inspect and forced removal from now on. */
  stopped(stream: StreamName, position: number, reason: string): void;
  /** It was, and forced removal got through. */
  recovered(stream: StreamName): void;
  /** Told at each boundary; tests end the process there. Absent: nobody asks. */
  readonly probe?: ((effect: string, boundary: Boundary) => void) | undefined;
}
