/** What an answer is made of. */
import type { ContainerFact } from '../../machines/container.facts.ts';
import type { ContainerDetails } from '../../projections/views.ts';
import type { WhyFact } from './ports.ts';
import type { Names } from './why.phrases.ts';

export interface Told {
  readonly details: ContainerDetails;
  readonly facts: readonly WhyFact[];
  /** Of the daemon itself: its starts and ends. */
  readonly daemon: readonly WhyFact[];
  readonly names: Names;
}

/** A fact of a container by its type. */
export type Of<T extends ContainerFact['type']> = WhyFact & {
  readonly data: Extract<ContainerFact, { type: T }>['data'];
};

/** The newest fact of one of the types, if there is one. */
export function last<T extends ContainerFact['type']>(
  { facts }: Pick<Told, 'facts'>,
  ...types: readonly T[]
): Of<T> | undefined {
  return facts.findLast(({ type }) => types.some((one) => one === type)) as Of<T> | undefined;
}
