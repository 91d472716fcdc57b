/**
 * The facts of the newest commit, kept in memory: whoever follows the log asks for just these at
 * every commit, and a statement on the read-only connection has to read its pages anew each time.
 */
import { PAGE_FACTS } from './read.ts';
import type { StoredFact } from './types.ts';

export interface Newest {
  /** Called with the facts of each commit, in their order. */
  keep(facts: readonly StoredFact[]): void;
  /** What follows on `position`; undefined: it has to be read, as some of it is older. */
  after(position: number, limit?: number): readonly StoredFact[] | undefined;
  /** Position of the newest fact so far of one of the kinds (each as `<kind>.`); 0: none. */
  of(kinds: readonly string[]): number;
}

export function newestFacts(): Newest {
  /** By kind: one for each machine. */
  const positions = new Map<string, number>();
  let newest: readonly StoredFact[] = [];
  return {
    keep(facts) {
      newest = facts;
      for (const { type, position } of facts) {
        positions.set(type.slice(0, type.indexOf('.') + 1), position);
      }
    },
    after(position, limit = PAGE_FACTS) {
      const [first] = newest;
      const from = first === undefined ? -1 : position + 1 - first.position;
      return from < 0 ? undefined : newest.slice(from, from + limit);
    },
    of: (kinds) => Math.max(0, ...kinds.map((kind) => positions.get(kind) ?? 0)),
  };
}
