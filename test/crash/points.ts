/**
 * Every point at which somebody can be killed, computed: an operation, a boundary of an effect that
 * a run of it without a crash came by, and which of its visits; times everybody who can be killed
 * there, alone and together with the daemon.
 */
import { makeRegistry, type RegistryDeps } from '../../effects/registry.ts';
import type { HandledEffectType } from '../../machines/effects.ts';
import { chosen, shuffled } from './seeded.ts';

export type Victim = 'daemon' | 'containerd' | 'stdio' | 'shim' | 'process';

/** Who is killed in the same moment. */
export const VICTIMS: readonly (readonly Victim[])[] = [
  ['daemon'],
  ['containerd'],
  ['stdio'],
  ['shim'],
  ['process'],
  ['daemon', 'containerd'],
  ['daemon', 'stdio'],
  ['daemon', 'shim'],
  ['daemon', 'process'],
  ['daemon', 'containerd', 'stdio', 'shim'],
];

export interface Point {
  /** Name of the operation. */
  readonly operation: string;
  /** `<effect>:<before|after|appended>`, as the failpoint writes them down. */
  readonly visit: string;
  /** At which visit of the operation, from 1. */
  readonly n: number;
}

export interface Strike {
  readonly point: Point;
  readonly victims: readonly Victim[];
}

/** Only to be asked for its rows, so that none of what they need is there. */
const ROWS: Readonly<Record<string, { readonly deadlineMs: number | null } | undefined>> =
  makeRegistry({} as RegistryDeps);

/** Every effect that has a handler. */
export const EFFECTS = Object.keys(ROWS) as readonly HandledEffectType[];

/** Whether the effect may be under way for as long as a container runs. */
export const isLasting = (type: string): boolean => ROWS[type]?.deadlineMs === null;

/** @param visits of one run without a crash, in order */
export function pointsOf(operation: string, visits: readonly string[]): readonly Point[] {
  return visits.map((visit, at) => ({
    operation,
    visit,
    n: visits.slice(0, at + 1).filter((one) => one === visit).length,
  }));
}

export const effectOf = ({ visit }: Point): string => visit.slice(0, visit.indexOf(':'));

export const nameOf = ({ point, victims }: Strike): string =>
  `${point.operation}: ${point.visit}:${point.n}: ${victims.join(' + ')}`;

/**
 * Who would be struck in its stead, where not all of the victims are there: another of the strikes
 * at this point, or nobody. Undefined: it is a strike of its own.
 * @param all victims of the strikes at the same point
 */
export function sameAs(
  victims: readonly Victim[],
  there: readonly Victim[],
  all: readonly (readonly Victim[])[],
): string | undefined {
  const struck = victims.filter((victim) => there.includes(victim));
  if (struck.length === victims.length) return undefined;
  if (struck.length === 0) return 'nobody';
  return all.some((other) => other.join() === struck.join()) ? struck.join(' + ') : undefined;
}

/** Mixed: a containerd that dies again and again is started again more and more slowly. */
export function everyStrike(points: readonly Point[], seed: number): readonly Strike[] {
  const all = VICTIMS.flatMap((victims) => points.map((point) => ({ point, victims })));
  return shuffled(all, seed);
}

/**
 * A share of them that depends on the seed alone: the daemon at every boundary of every effect, in
 * an operation that rotates, and as many of the others.
 */
export function slice(points: readonly Point[], seed: number, others: number): readonly Strike[] {
  const byVisit = Map.groupBy(points, ({ visit }) => visit);
  const daemon = [...byVisit.values()].map((same, at) => ({
    point: chosen(same, seed + at),
    victims: ['daemon'] as const,
  }));
  const rest = everyStrike(points, seed).filter(({ victims }) => victims.join() !== 'daemon');
  return [...daemon, ...rest.slice(0, others)];
}
