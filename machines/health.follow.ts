/**
 * How the health of a run follows its container: each fact of the container that concerns it brings
 * a fact of the health in the same append.
 */
import type { ContainerContext } from './container.context.ts';
import { containerStream } from './container.decide.ts';
import type { ContainerFact } from './container.facts.ts';
import type { Decision, View } from './decision.ts';
import { checkOf } from './health.check.ts';
import type { HealthFact } from './health.facts.ts';
import type { Draft, StreamName } from './words.ts';

export const healthStream = (id: string, run: number): StreamName => `health/${id}/${run}`;

/** The decision, with what follows from it for the health of the container's present run. */
export function withHealth(view: View, decision: Decision): Decision {
  if (decision.kind !== 'facts') return decision;
  const drafts = decision.drafts.flatMap((draft) => [draft, ...following(view, draft)]);
  return { ...decision, drafts };
}

function following(view: View, { stream, fact }: Draft): Draft[] {
  const [kind, id = ''] = stream.split('/');
  if (kind !== 'container') return [];
  const context = view.state(containerStream(id))?.context as ContainerContext | undefined;
  if (context === undefined) return [];
  const health = healthStream(id, context.run);
  const next = follows(fact as ContainerFact, context, view.state(health)?.value);
  return next === undefined ? [] : [{ stream: health, fact: next }];
}

/** @param state of the run's health; undefined: it is not watched. */
function follows(
  fact: ContainerFact,
  context: ContainerContext,
  state: unknown,
): HealthFact | undefined {
  if (fact.type === 'container.started')
    return state === undefined ? watched(context, fact) : undefined;
  if (state === undefined || state === 'ending' || state === 'over') return undefined;
  switch (fact.type) {
    case 'container.paused':
      return state === 'suspended' ? undefined : { type: 'health.suspended', data: {} };
    case 'container.unpaused':
      return state === 'suspended' ? { type: 'health.resumed', data: {} } : undefined;
    case 'container.exited':
      return { type: 'health.ended', data: {} };
    default:
      return undefined;
  }
}

function watched(
  { id, run, config }: ContainerContext,
  { data }: Extract<ContainerFact, { type: 'container.started' }>,
): HealthFact | undefined {
  const check = checkOf(config);
  if (check === undefined) return undefined;
  return {
    type: 'health.watched',
    data: { container: id, run, check, startedAtNs: data.atNs },
  };
}
