/**
 * What it means for a container that the world was seen to be otherwise than the log says: the log
 * follows what is so.
 */
import type { ContainerContext } from './container.context.ts';
import {
  containerFacts,
  containerStream,
  nothing,
  phaseOf,
  taskStream,
} from './container.decide.ts';
import { type Known, newKills, paused, unpaused } from './container.outcome.ts';
import type { Decision, Observation, View } from './decision.ts';

/** States in which a process runs whose kills nobody else tells of. */
export const LIVING: ReadonlySet<string> = new Set([
  'running',
  'pausing',
  'paused',
  'unpausing',
  'stopping',
]);

export function decideObservation(view: View, seen: Observation): Decision {
  const id = seen.container;
  const state = view.state(containerStream(id));
  if (state === undefined) return nothing;
  const context = state.context as ContainerContext;
  if (context.run !== seen.run) return nothing;
  const task = phaseOf(view.state(taskStream(id, seen.run)));
  const phase = phaseOf(state);
  const known = { view, id, run: seen.run, context, phase, task, busyPorts: [] };
  return seen.type === 'kills-seen' ? killsSeen(known, seen.kills) : taskSeen(known, seen.status);
}

/** Of a run that has ended its exit has told. */
function killsSeen({ phase, context }: Known, kills: number): Decision {
  const drafts = LIVING.has(phase) ? newKills(context, kills) : [];
  return drafts.length === 0 ? nothing : { kind: 'facts', drafts };
}

type Status = Extract<Observation, { type: 'task-seen' }>['status'];

/** Paused or resumed behind our back, or its record deleted from under it. */
function taskSeen(known: Known, status: Status): Decision {
  const { phase } = known;
  if (status === 'unrecorded') return recordLost(known);
  if (phase === 'running' && status === 'paused') return paused(known);
  if (phase === 'paused' && status === 'running') return unpaused(known);
  return nothing;
}

/** Other states end by themselves, or ask for the record in their own time. */
function recordLost({ id, run, phase }: Known): Decision {
  if (phase !== 'running' && phase !== 'paused') return nothing;
  const drafts = containerFacts(id, { type: 'container.record-lost', data: { run } });
  return { kind: 'facts', drafts };
}
