/**
 * What a read model is: tables of its own, and a fold from facts into them that runs in the
 * append's transaction. Deterministic in the facts alone, so that dropping the tables and folding
 * the log again gives the same rows; a fact that was folded already changes nothing.
 */
import type { Database } from 'better-sqlite3';
import type { ContainerFact } from '../machines/container.facts.ts';
import type { DaemonFact } from '../machines/daemon.facts.ts';
import type { ExecFact } from '../machines/exec.facts.ts';
import type { HealthFact } from '../machines/health.facts.ts';
import type { ImageFact } from '../machines/image.facts.ts';
import type { VolumeRef } from '../machines/volume.claims.ts';
import type { VolumeFact } from '../machines/volume.facts.ts';
import type { JsonValue } from '../machines/words.ts';

/** As much of a stored fact as a fold may look at: nothing that differs between two folds. */
export interface FoldedFact {
  /** Position in the log, from 1. */
  readonly position: number;
  readonly stream: string;
  readonly type: string;
  readonly data: JsonValue;
  /** The machine's value after the fact. */
  readonly state: JsonValue;
  /** Nanoseconds since 1970. */
  readonly atNs: bigint;
}

export type BatchFold = (facts: readonly FoldedFact[]) => void;

/**
 * The store's `ProjectionPort<Database>`, declared here because projections do not know the store.
 */
export interface Projection {
  readonly name: string;
  /** Raised when the shape or the meaning of the tables changes: they are then rebuilt. */
  readonly version: number;
  readonly schema: readonly string[];
  readonly drop: readonly string[];
  /** What the types that it folds begin with: a rebuild reads no others. */
  readonly folds: readonly string[];
  /**
   * Prepares the statements on the writer connection and returns the fold of a batch: some facts
   * that follow one another, or one. How they are parted changes nothing.
   */
  prepare(db: Database): BatchFold;
}

/** The fact as a container's, or undefined if it belongs to another kind of stream. */
export function asContainerFact(fact: TypedFact): ContainerFact | undefined {
  return fact.type.startsWith('container.') ? (fact as ContainerFact) : undefined;
}

/** The fact as an image's, or undefined if it belongs to another kind of stream. */
export function asImageFact(fact: TypedFact): ImageFact | undefined {
  return fact.type.startsWith('image.') ? (fact as ImageFact) : undefined;
}

/** The fact as a volume's, or undefined if it belongs to another kind of stream. */
export function asVolumeFact(fact: TypedFact): VolumeFact | undefined {
  return fact.type.startsWith('volume.') ? (fact as VolumeFact) : undefined;
}

/** The fact as the daemon's own, or undefined if it belongs to another kind of stream. */
export function asDaemonFact(fact: TypedFact): DaemonFact | undefined {
  return fact.type.startsWith('daemon.') ? (fact as DaemonFact) : undefined;
}

/** The fact as an exec's, or undefined if it belongs to another kind of stream. */
export function asExecFact(fact: TypedFact): ExecFact | undefined {
  return fact.type.startsWith('exec.') ? (fact as ExecFact) : undefined;
}

/** The fact as one of a health, or undefined if it belongs to another kind of stream. */
export function asHealthFact(fact: TypedFact): HealthFact | undefined {
  return fact.type.startsWith('health.') ? (fact as HealthFact) : undefined;
}

/** `<kind>/<container id>/<run>` taken apart. */
export function containerOfStream(stream: string): { readonly id: string; readonly run: number } {
  const [, id = '', run = '0'] = stream.split('/');
  return { id, run: Number(run) };
}

/** `exec/<container id>/<exec id>` gives `<exec id>`. */
export function execIdOfStream(stream: string): string {
  return stream.slice(stream.lastIndexOf('/') + 1);
}

/** `volume/<name>#<n>` taken apart. */
export function volumeOfStream(stream: string): VolumeRef {
  const at = stream.lastIndexOf('#');
  return { name: stream.slice('volume/'.length, at), incarnation: Number(stream.slice(at + 1)) };
}

/** What is needed to tell facts apart. */
export type TypedFact = Pick<FoldedFact, 'type' | 'data'>;

/** `container/<id>` gives `<id>`: all after the first slash. */
export function idOfStream(stream: string): string {
  return stream.slice(stream.indexOf('/') + 1);
}

/** A machine's value as one word: `stopping`, or `exited.cleaning` for `{exited: 'cleaning'}`. */
export function phaseOf(state: JsonValue): string {
  if (typeof state === 'string') return state;
  if (state === null || typeof state !== 'object' || Array.isArray(state)) return '';
  const names: string[] = [];
  for (const [name, inner] of Object.entries(state)) {
    const rest = phaseOf(inner);
    names.push(rest === '' ? name : `${name}.${rest}`);
  }
  return names.join('+');
}
