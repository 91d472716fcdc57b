/**
 * How many effects of each class are at work at once. By measurement (a hundred starts at once):
 * what begins or starts a container is processor time of shim and runtime, so that more than one
 * for each processor brings nothing and makes a stop meanwhile several times slower. Ending waits
 * for the disk and for processes to end as well; a signal is short.
 */
import type { EffectClass } from './handler.ts';

export interface Limit {
  readonly slots: number;
  /** Milliseconds; what takes longer is hung, not at work. */
  readonly holdMs: number;
  readonly lent: number;
}

/** How many may hang beside the slots: sick containers, before it must be the host that is sick. */
const LENT = 64;

/** Of what adds a process to a task: execs, and beside them the probes of health. */
export function execLimit(cpus: number): Limit {
  return { slots: Math.max(2, cpus), holdMs: 10_000, lent: LENT };
}

/** @param cpus processors of the host */
export function limitsFor(cpus: number): Readonly<Record<EffectClass, Limit | null>> {
  const few = Math.max(2, cpus);
  return {
    begin: { slots: few, holdMs: 10_000, lent: LENT },
    start: { slots: few, holdMs: 10_000, lent: LENT },
    exec: execLimit(cpus),
    signal: { slots: 4 * few, holdMs: 2_000, lent: 4 * LENT },
    end: { slots: 2 * few, holdMs: 5_000, lent: LENT },
    look: null,
  };
}
