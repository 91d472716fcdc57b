/**
 * The log compared with the simulated containerd, as main/reconcile.ts does it: all of it at boot
 * and when the connection is back, one container when an event hints at it.
 */
import { reconcile } from '../../actors/reconcile.ts';
import type { ActorSystem } from '../../actors/system.ts';
import { containerHints } from '../../effects/container/hints.ts';
import { type KnownImage, lookAtContainer } from '../../effects/container/observe.ts';
import type { Containerd } from '../../effects/containerd/client.ts';
import type { ContainerContext } from '../../machines/container.context.ts';
import { containerStream, phaseOf } from '../../machines/container.decide.ts';
import {
  differencesOf,
  type LoggedContainer,
  observedStream,
  type Sight,
} from '../../machines/container.seen.ts';
import { ABSENT } from '../../machines/step.ts';
import type { OpenedLog } from '../../store/log.ts';
import type { StreamState } from '../../store/types.ts';

export interface ReconcileParts {
  readonly log: OpenedLog;
  readonly system: ActorSystem;
  readonly client: Containerd;
  look(images: readonly KnownImage[]): Promise<Sight>;
}

export interface Looked {
  readonly sight: Sight;
  readonly checked: number;
  readonly differences: readonly string[];
}

export async function lookAround(parts: ReconcileParts): Promise<Looked> {
  const states = parts.log.states(containerStream(''));
  const { position } = parts.log.head();
  const sight = await parts.look([]);
  return await told(parts, states, sight, position);
}

/** For as long as events come; each is only a hint to look. @throws when the connection breaks */
export async function followHints(parts: ReconcileParts, signal: AbortSignal): Promise<void> {
  for await (const { id } of containerHints(parts.client, signal)) {
    const state = parts.log.state(containerStream(id));
    const phase = state === undefined ? '' : logged(state).phase;
    if (state === undefined || (phase !== 'running' && phase !== 'paused')) continue;
    await told(parts, [state], await lookAtContainer(parts.client, id), 0);
  }
}

/** Tells the actors what they can follow, unless they have changed since. */
async function told(
  { log, system }: ReconcileParts,
  states: readonly StreamState[],
  sight: Sight,
  position: number,
): Promise<Looked> {
  const version = (stream: string): number => log.state(stream)?.version ?? 0;
  const unchanged = states.filter((state) => version(state.stream) === state.version);
  const judged = unchanged.map(logged).filter(({ phase }) => phase !== ABSENT);
  const knows = (id: string): boolean => {
    const state = log.state(containerStream(id));
    return state !== undefined && state.value !== ABSENT;
  };
  const gone = (id: string): boolean => {
    const state = log.state(containerStream(id));
    return state?.final === true && state.position <= position;
  };
  const found = differencesOf(judged, sight, knows, gone).map(({ sentence, observation }) => ({
    sentence,
    seen: observation === null ? null : { stream: observedStream(observation), observation },
  }));
  const { checked, differences } = await reconcile(
    { look: async () => ({ checked: judged.length, found }) },
    { version, observe: ({ stream, observation }) => system.observe(stream, observation) },
    new Map(states.map((state) => [state.stream, state.version])),
  );
  return { sight, checked, differences };
}

function logged(stored: StreamState): LoggedContainer {
  const context = stored.context as object as ContainerContext;
  const { id, name, run } = context;
  return { id, name, run, phase: phaseOf({ value: stored.value, context }) };
}
