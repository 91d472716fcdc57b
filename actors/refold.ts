/**
 * The state of a stream whose snapshot can not be trusted, folded anew from its facts. Good enough
 * to carry on what is under way and to remove by force, which is all that such an actor takes.
 */
import type { Family } from '../machines/decision.ts';
import { digestOf } from '../machines/step.ts';
import type { ActorState, Fact, JsonValue, StreamName } from '../machines/words.ts';
import type { Versioned } from './fold.ts';
import type { Log, LoggedFact } from './ports.ts';

/**
 * What a fact recorded wins over what it folds to (law 3). Undefined if the first fact can not be
 * read: nobody then knows whose stream it is.
 */
export function refold(
  family: Family,
  stream: StreamName,
  facts: readonly LoggedFact[],
): Versioned | undefined {
  if (facts[0]?.version !== 1) return undefined;
  let folded: Versioned | undefined;
  for (const fact of facts) folded = next(family, stream, folded, fact);
  return folded;
}

function next(
  family: Family,
  stream: StreamName,
  before: Versioned | undefined,
  { version, type, data, state: value }: LoggedFact,
): Versioned {
  try {
    const { state, final } = family.kindOf(stream).fold(before?.state, { type, data } as Fact);
    return { version, state: { value, context: state.context }, final };
  } catch {
    // A fact before it is missing, or it is of another revision.
    const state: ActorState = { value, context: before?.state.context ?? {} };
    return { version, state, final: before?.final ?? false };
  }
}

/**
 * Makes the rows of a stream whole again, if its facts fold to the very state that the newest one
 * has the digest of. Returns whether they do. Throws if the log can not be written.
 */
export function mendFromFacts(log: Log, family: Family, stream: StreamName): boolean {
  const facts = log.readStream(stream);
  const folded = refold(family, stream, facts);
  if (folded === undefined || digestOf(folded.state) !== facts.at(-1)?.digest) return false;
  log.mend(stream, { context: folded.state.context as JsonValue, final: folded.final });
  return true;
}
