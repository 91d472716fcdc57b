/**
 * Asks the world what is so and hands the differences to the actors. Exits are not looked for here:
 * the open agenda row that awaits one looks by itself when it is dispatched.
 */
import type { Observation } from '../machines/decision.ts';
import type { StreamName } from '../machines/words.ts';

export interface Seen {
  readonly stream: StreamName;
  readonly observation: Observation;
}

export interface World {
  /** Throws if the world can not be asked; then nothing is concluded. */
  look(): Promise<{ readonly seen: readonly Seen[]; readonly unknown: readonly string[] }>;
}

export interface Reconciled {
  readonly checked: number;
  /** One sentence each, for the log and for people. */
  readonly differences: readonly string[];
}

/**
 * @param knows whether the log has an actor of that stream
 * @param observe hands one observation to its actor; resolves when it is decided
 */
export async function reconcile(
  world: World,
  knows: (stream: StreamName) => boolean,
  observe: (seen: Seen) => Promise<void>,
): Promise<Reconciled> {
  const { seen, unknown } = await world.look();
  const known = seen.filter(({ stream }) => knows(stream));
  await Promise.all(known.map(observe));
  const foreign = seen.filter(({ stream }) => !knows(stream)).map(({ stream }) => stream);
  const differences = [...foreign, ...unknown].map((what) => `task unknown to the log: ${what}`);
  return { checked: seen.length, differences };
}
