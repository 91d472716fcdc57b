/**
 * How many effects of each class are at work at once. Numbers by measurement: what begins, starts
 * or ends a container is processor time of shim and runtime, so that more than a few for each
 * processor only make all of them late; a signal is short.
 */
import type { EffectClass } from './handler.ts';

interface Limit {
  readonly slots: number;
  /** Milliseconds; what takes longer is hung, not at work. */
  readonly holdMs: number;
  readonly lent: number;
}

/** How many may hang beside the slots: sick containers, before it must be the host that is sick. */
const LENT = 64;

/** @param cpus processors of the host */
export function limitsFor(cpus: number): Readonly<Record<EffectClass, Limit | null>> {
  const few = Math.max(4, 2 * cpus);
  return {
    begin: { slots: few, holdMs: 10_000, lent: LENT },
    start: { slots: few, holdMs: 10_000, lent: LENT },
    exec: { slots: few, holdMs: 10_000, lent: LENT },
    signal: { slots: 2 * few, holdMs: 2_000, lent: 4 * LENT },
    end: { slots: few, holdMs: 5_000, lent: LENT },
    look: null,
  };
}
