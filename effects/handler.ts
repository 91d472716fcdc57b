/**
 * The shape of an effect handler. A handler looks before it acts: run twice with the same input it
 * leaves the same world and gives the same answer. It never decides what follows.
 */
import type { ContainerContext } from '../machines/container.context.ts';
import type { EffectData, EffectParams, HandledEffectType } from '../machines/effects.ts';
import type { ExecContext } from '../machines/exec.machine.ts';
import type { HealthContext } from '../machines/health.machine.ts';
import type { StagedImage } from '../machines/image.facts.ts';
import type { ImageContext } from '../machines/image.machine.ts';
import type { NetworkConfig } from '../machines/network.config.ts';
import type { VolumeContext } from '../machines/volume.fold.ts';

/** An exec, with the container that it is in. */
export interface ExecSubject {
  readonly container: ContainerContext;
  readonly exec: ExecContext;
}

/** The health of a run, with the container that it is of. */
export interface HealthSubject {
  readonly container: ContainerContext;
  readonly health: HealthContext;
}

/** What the asking actor knows, beside the params: its context. */
export type SubjectOf<T extends HandledEffectType> = T extends 'image.publish'
  ? StagedImage
  : T extends `image.${string}`
    ? ImageContext
    : T extends `volume.${string}`
      ? VolumeContext
      : T extends `exec.${string}`
        ? ExecSubject
        : T extends `health.${string}`
          ? HealthSubject
          : T extends `network.${string}`
            ? NetworkConfig
            : ContainerContext;

export interface HandlerInput<T extends HandledEffectType> {
  readonly params: EffectParams[T];
  readonly subject: SubjectOf<T>;
  /** Aborted at the deadline or at shutdown. */
  readonly signal: AbortSignal;
}

/**
 * What an effect is like for the host. Limits are by class (effects/limits.ts), and no class waits
 * for another, so an effect that ends things must not stand in a class with one that begins them.
 *
 * `begin`: makes a container or its task · `start`: lets a task run, so that what was begun is
 * finished before more is · `exec`: adds a process · `signal`: tells a process something ·
 * `end`: cleans up · `look`: waits and costs nothing
 */
export type EffectClass = 'begin' | 'start' | 'exec' | 'signal' | 'end' | 'look';

/**
 * One row of the registry. `do` resolves with the data when the world is as asked, and throws
 * `EffectFailure` (effects/failure.ts) when it is not.
 */
export interface Handler<T extends HandledEffectType> {
  /**
   * Milliseconds from its admission until the agenda aborts the try and looks again; null: may take
   * for ever.
   */
  readonly deadlineMs: number | null;
  /** `serial`: one at a time for each actor, in the order asked. `own`: beside the others. */
  readonly lane: 'serial' | 'own';
  /** Whose limit it comes under. */
  readonly class: EffectClass;
  /**
   * How many tries after `deadline` before the machine is told; `unavailable` is tried for ever.
   */
  readonly tries: number;
  do(input: HandlerInput<T>): Promise<EffectData[T]>;
  /** The effect that takes this one back, or why there is none. */
  readonly undo: HandledEffectType | { readonly none: string };
}

export type Registry = { readonly [T in HandledEffectType]: Handler<T> };
