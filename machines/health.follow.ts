/**
 * How the health of a run follows its container: each fact of the container that concerns it brings
 * a fact of the health in the same append.
 */
import type { ContainerContext } from './container.context.ts';
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

/** The facts of a container that its health follows. */
const FOLLOWED: ReadonlySet<string> = new Set([
  'container.started',
  'container.paused',
  'container.unpaused',
  'container.exited',
]);

/** Of a container without a check nothing more is looked up. */
function following(view: View, { stream, fact }: Draft): Draft[] {
  if (!FOLLOWED.has(fact.type)) return [];
  const context = view.state(stream)?.context as ContainerContext | undefined;
  if (context === undefined) return [];
  const check = checkOf(context.config);
  if (check === undefined) return [];
  const { id, run } = context;
  const health = healthStream(id, run);
  const state = view.state(health)?.value;
  const given = fact as ContainerFact;
  if (given.type === 'container.started' && state === undefined) {
    const data = { container: id, run, check, startedAtNs: given.data.atNs };
    return [{ stream: health, fact: { type: 'health.watched', data } }];
  }
  const next = follows(given, state);
  return next === undefined ? [] : [{ stream: health, fact: next }];
}

/** @param state of the run's health; undefined: it is not watched. */
function follows(fact: ContainerFact, state: unknown): HealthFact | undefined {
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
