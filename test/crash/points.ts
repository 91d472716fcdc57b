/**
 * Every point at which a daemon can be ended: each effect of the registry, before it is done, after
 * it is done and before that is on record, and right after that is on record.
 */
import type { Boundary } from '../../actors/ports.ts';
import type { HandledEffectType } from '../../machines/effects.ts';

export interface Point {
  readonly effect: HandledEffectType | 'timer';
  readonly boundary: Boundary;
  /** At which visit, from 1. */
  readonly n: number;
}

/** How often the scenario comes by; the type demands a number for every effect there is. */
const VISITS: Readonly<Record<HandledEffectType, number>> = {
  'image.publish': 1,
  // test/e2e/imagesCrash.e2e.spec.ts comes by these.
  'image.tag': 0,
  'image.untag': 0,
  'image.remove': 0,
  'root.prepare': 1,
  // Nobody has a hand in the scenario's containers; foreignHands.e2e.spec.ts has.
  'run.adopt': 0,
  'run.record': 0,
  'task.create': 2,
  'task.start': 2,
  'task.await-exit': 2,
  'task.kill': 2,
  'task.pause': 1,
  'task.resume': 1,
  'run.clean': 2,
  'container.erase': 1,
  'exec.start': 1,
  'exec.await-exit': 1,
  'exec.clean': 1,
  // Containers of the scenario are without a check: test/e2e/healthRestart.e2e.spec.ts has one.
  'health.watch': 0,
  'health.clean': 0,
};
const BOUNDARIES: readonly Boundary[] = ['before', 'after', 'appended'];

/** @param most visits of each boundary that count; a timer has no begin and no end, only a row */
export function crashPoints(most: number): readonly Point[] {
  const effects = Object.entries(VISITS) as [HandledEffectType, number][];
  const points = effects.flatMap(([effect, visits]) =>
    BOUNDARIES.flatMap((boundary) =>
      Array.from({ length: Math.min(visits, most) }, (_, at) => ({ effect, boundary, n: at + 1 })),
    ),
  );
  return [...points, { effect: 'timer', boundary: 'appended', n: 1 }];
}

export const nameOf = ({ effect, boundary, n }: Point): string => `${effect}:${boundary}:${n}`;
