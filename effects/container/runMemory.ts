/**
 * How far this daemon itself has brought a run, without a step that was broken off or tried twice:
 * who carries out the next one need not ask containerd first what it has just been told. Each step
 * takes the note and leaves the next when it is done, so that whoever comes after a step that went
 * wrong, or after another daemon, finds none and looks.
 */
import type { ContainerId } from '../../machines/words.ts';

/**
 * `created`: its task waits to be started · `started` · `ended`: its exit was seen, and all of its
 * output was read · `cleaned`: containerd has nothing of it but the root
 */
export type RunStage = 'created' | 'started' | 'ended' | 'cleaned';

export interface RunMemory {
  /** Whether the run is known to be at that stage. What was known of the container is forgotten. */
  take(id: ContainerId, run: number, stage: RunStage): boolean;
  note(id: ContainerId, run: number, stage: RunStage): void;
  /** Whether it is at that stage, for who does not bring it further. */
  is(id: ContainerId, run: number, stage: RunStage): boolean;
}

/** Bounded by the containers that were started by this daemon and not removed. */
export function makeRunMemory(): RunMemory {
  const notes = new Map<ContainerId, { readonly run: number; readonly stage: RunStage }>();
  const is: RunMemory['is'] = (id, run, stage) => {
    const known = notes.get(id);
    return known?.run === run && known.stage === stage;
  };
  return {
    is,
    take(id, run, stage) {
      const known = is(id, run, stage);
      notes.delete(id);
      return known;
    },
    note: (id, run, stage) => void notes.set(id, { run, stage }),
  };
}
