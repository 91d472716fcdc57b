/**
 * Asks the world what is so, beside what the log says, and hands the differences to the actors that
 * can do something about them. Exits are not looked for here: the open agenda row that awaits one
 * looks by itself when it is dispatched.
 */
import type { Observation } from '../machines/decision.ts';
import type { StreamName } from '../machines/words.ts';

export interface Seen {
  readonly stream: StreamName;
  readonly observation: Observation;
}

/** One difference between log and world. */
export interface Found {
  /** For the log and for people. */
  readonly sentence: string;
  /** What its actor is to be told; null: it is only said. */
  readonly seen: Seen | null;
}

export interface World {
  /** Looks, and compares. Throws if the world can not be asked; then nothing is concluded. */
  look(): Promise<{ readonly checked: number; readonly found: readonly Found[] }>;
}

export interface ReconcilePorts {
  /** Version of a stream, 0 for none: what has changed since a look is not judged by it. */
  version(stream: StreamName): number;
  /** Hands one observation to its actor; resolves when it is decided. */
  observe(seen: Seen): Promise<void>;
}

export interface Reconciled {
  readonly checked: number;
  /** One sentence each. */
  readonly differences: readonly string[];
}

/** @param versions of the streams that may be observed, from before the look */
export async function reconcile(
  world: World,
  ports: ReconcilePorts,
  versions: ReadonlyMap<StreamName, number>,
): Promise<Reconciled> {
  const { checked, found } = await world.look();
  const seen = found.flatMap((one) => (one.seen === null ? [] : [one.seen]));
  const fresh = seen.filter(({ stream }) => versions.get(stream) === ports.version(stream));
  await Promise.all(fresh.map((one) => ports.observe(one)));
  return { checked, differences: found.map(({ sentence }) => sentence) };
}
