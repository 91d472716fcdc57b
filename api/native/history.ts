/** The life of a container out of the facts of its stream: states, runs, and its removal. Pure. */
import type { ContainerFact, ExitRecord } from '../../machines/container.facts.ts';
import type { NativeContainer, NativeExit, NativeRemoval, NativeRun } from '../openapi.gen.ts';
import { rfc3339Fixed } from '../time.ts';
import type { StreamFact } from './ports.ts';
import { instant } from './wire.ts';

export type History = Pick<NativeContainer, 'states' | 'runs' | 'removal'>;

/** @param facts of the container's stream, oldest first; the first ones may be missing. */
export function historyOf(facts: readonly StreamFact[]): History {
  return { states: statesOf(facts), runs: runsOf(facts), removal: removalOf(facts) };
}

const at = ({ atNs }: StreamFact): string => rfc3339Fixed(atNs);

/** Only what changed the state. */
function statesOf(facts: readonly StreamFact[]): History['states'] {
  return facts
    .filter(({ phase }, index) => phase !== facts[index - 1]?.phase)
    .map((fact) => ({
      state: fact.phase,
      fact: fact.type,
      position: fact.position,
      at: at(fact),
      by: fact.caller,
    }));
}

const asFact = ({ type, data }: StreamFact): ContainerFact => ({ type, data }) as ContainerFact;

/** A run whose start came to nothing has no process, and none is made up. */
function runsOf(facts: readonly StreamFact[]): History['runs'] {
  const runs = new Map<number, NativeRun>();
  for (const stored of facts) {
    const fact = asFact(stored);
    if (fact.type === 'container.started') {
      const { run, pid, atNs } = fact.data;
      runs.set(run, { run, pid, startedAt: instant(atNs) ?? at(stored), exit: null });
    } else if (fact.type === 'container.adopted' && fact.data.alive) {
      const { run, pid, atNs } = fact.data;
      runs.set(run, { run, pid, startedAt: instant(atNs), exit: null });
    } else if (fact.type === 'container.exited') {
      const { run } = fact.data;
      const known = runs.get(run) ?? { run, pid: 0, startedAt: null };
      runs.set(run, { ...known, exit: exitOf(fact.data, at(stored)) });
    }
  }
  return [...runs.values()];
}

function exitOf(exit: ExitRecord, recordedAt: string): NativeExit {
  const { code, atNs, oomKilled, outputEnded, evidence } = exit;
  return { code, at: instant(atNs), recordedAt, oomKilled, outputEnded, evidence };
}

/** The last time that it was asked for: after one that got stuck, by whoever asked again. */
function removalOf(facts: readonly StreamFact[]): NativeRemoval | null {
  const asked = facts.findLast(({ type }) => type === 'container.remove-requested');
  const removed = facts.findLast(({ type }) => type === 'container.removed');
  const first = asked ?? removed;
  if (first === undefined) return null;
  return {
    askedAt: at(first),
    removedAt: removed === undefined ? null : at(removed),
    reason: asked === undefined ? 'create-failed' : String(asked.data['reason']),
    by: asked?.caller ?? null,
  };
}
