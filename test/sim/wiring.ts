/**
 * How a simulated daemon is put together out of the real parts. The mutants (mutants.ts) put it
 * together wrongly, in one place each; nothing of them is in the daemon's own code.
 */
import type { Log } from '../../actors/ports.ts';
import type { ContainerDeps } from '../../effects/container/deps.ts';
import { type KnownImage, lookAround } from '../../effects/container/observe.ts';
import type { RunnableEffects } from '../../effects/run.ts';
import { containerFamily } from '../../machines/container.family.ts';
import type { Sight } from '../../machines/container.seen.ts';
import type { Family } from '../../machines/decision.ts';
import type { FamilyCommand } from '../../machines/exec.commands.ts';

export type Bug = (type: string, error: unknown) => void;
/** Out of the deps of one life, the real registry over them. */
export type MakeEffects = (deps: ContainerDeps, bug: Bug) => RunnableEffects;

export interface Wiring {
  readonly family: Family<FamilyCommand>;
  effects(make: MakeEffects, deps: ContainerDeps, bug: Bug): RunnableEffects;
  log(log: Log, effects: RunnableEffects): Log;
  look(deps: ContainerDeps, images: readonly KnownImage[]): Promise<Sight>;
  /** Whether containerd's events are followed as hints. */
  readonly hints: boolean;
  /** Whether volumes go with their containers. */
  readonly volumes: boolean;
}

export const asItIs: Wiring = {
  family: containerFamily,
  effects: (make, deps, bug) => make(deps, bug),
  log: (log) => log,
  look: ({ containerd, snapshotter }, images) => lookAround(containerd, snapshotter, images),
  hints: true,
  volumes: true,
};
