/**
 * The words that every room shares: what a fact, a command, an effect and a decision are.
 * Their meaning is in docs/terms.md; their storage form is in docs/log-format.md.
 */

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** 64 hexadecimal digits. */
export type ContainerId = string;
/**
 * `container/<id>`, `task/<container id>/<run>`, `exec/<container id>/<exec id>`,
 * `health/<container id>/<run>`, `image/<id>`, `volume/<name>#<incarnation>`, `daemon`.
 */
export type StreamName = string;

/** Who asked. What could not be learned is absent, never guessed. */
export interface Caller {
  readonly kind: 'unix' | 'tcp' | 'daemon';
  readonly uid?: number;
  readonly gid?: number;
  readonly pid?: number;
  readonly executable?: string;
  readonly userAgent?: string;
}

/** Why a fact was written: exactly one of the members is set. */
export interface Cause {
  /** Type of the command, with the id of the request that carried it. */
  readonly command?: string;
  readonly request?: string;
  /** Agenda id (`<position>.<index>`) of the effect or timer whose outcome this is. */
  readonly effect?: string;
  /** Type of the observation. */
  readonly observation?: string;
}

/** Something that happened, as a machine takes it. `type` is `<kind>.<past tense>`. */
export interface Fact<T extends string = string, D extends object = object> {
  readonly type: T;
  readonly data: D;
}

/** One thing to do in the world, asked for by a machine as data. */
export interface Effect<T extends string = string, P extends object = object> {
  readonly type: T;
  readonly params: P;
}

/** A unique key: while a stream holds it no other stream can take it. */
export interface Claim {
  readonly kind: string;
  readonly key: string;
}

/**
 * The part of one user in a thing that many may use at a time: while anybody has a share, nobody
 * else can take the whole, and the other way round.
 */
export const shareOf = ({ kind, key }: Claim, user: string): Claim => ({
  kind,
  key: `${key} ${user}`,
});

/** A fact that a decision wants appended, with the claims it takes and frees. */
export interface Draft<F extends Fact = Fact> {
  readonly stream: StreamName;
  readonly fact: F;
  readonly take?: readonly Claim[];
  readonly free?: readonly Claim[];
  /** Digests of secrets that nobody needs any more. */
  readonly erase?: readonly string[];
}

/** What an effect handler reports: done, or not done and why. Both are facts-to-be. */
export type EffectResult =
  | { readonly ok: true; readonly data: JsonObject }
  | { readonly ok: false; readonly error: EffectError };

/**
 * `failed`: the world refused, trying again will not help. `unavailable`: the other side is away,
 * try again. `deadline`: nobody knows, look again.
 */
export interface EffectError {
  readonly kind: 'failed' | 'unavailable' | 'deadline';
  readonly message: string;
}

/** The state of one actor: the fold of its stream. `value` and `context` are plain JSON. */
export interface ActorState<C extends object = object> {
  readonly value: JsonValue;
  readonly context: C;
}
