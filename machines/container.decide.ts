/**
 * Which command of a container leads to which fact, in which state. Every (state, command) has an
 * answer: facts, a refusal, nothing to do, or "not yet" while a step with a deadline is under way.
 * docs/decisions.md is the table generated from this file.
 */
import type { ContainerCommand, Refusal, UnusableRuntime } from './container.commands.ts';
import type { LockedRuntime } from './container.config.ts';
import { connect, disconnect } from './container.connect.ts';
import type { ContainerContext } from './container.context.ts';
import { joins } from './container.donors.ts';
import type { ContainerFact } from './container.facts.ts';
import { volumeShares, volumesOf } from './container.mounts.ts';
import { hasOwnNetwork, openEndpoints } from './container.networks.ts';
import { endsPolicy } from './container.policy.ts';
import { updateConflict } from './container.update.ts';
import type { Decision, View } from './decision.ts';
import { imageShares } from './image.claims.ts';
import { volumeStream } from './volume.claims.ts';
import type { ActorState, Claim, Draft, StreamName } from './words.ts';

export const containerStream = (id: string): StreamName => `container/${id}`;
export const taskStream = (id: string, run: number): StreamName => `task/${id}/${run}`;

/** The name of a container, without a slash. */
export const nameClaim = (name: string): Claim => ({ kind: 'name', key: name });
/** Access to a container's root file system: mounted at most once. */
export const rootClaim = (id: string): Claim => ({ kind: 'root', key: id });

/** State of a container as one word or two joined by a dot, e.g. `running`, `exited.cleaning`. */
export function phaseOf(state: ActorState | undefined): string {
  const value = state?.value ?? 'absent';
  if (typeof value === 'string') return value;
  const [parent, child] = Object.entries(value as Record<string, string>)[0] ?? ['absent', ''];
  return `${parent}.${child}`;
}

export const refuse = (refusal: Refusal): Decision => ({ kind: 'refused', refusal });
export const nothing: Decision = { kind: 'nothing' };
const defer = (phase: string): Decision => ({ kind: 'defer', waitingFor: phase });

/** Drafts of the container's own stream. */
export function containerFacts(id: string, ...facts: readonly ContainerFact[]): Draft[] {
  return facts.map((fact) => ({ stream: containerStream(id), fact }));
}

const facts = (drafts: readonly Draft[]): Decision => ({ kind: 'facts', drafts });

/** A container that answers commands: created at least, and not gone. */
interface Subject {
  readonly view: View;
  readonly id: string;
  readonly context: ContainerContext;
  /** First word of the state. */
  readonly phase: string;
  readonly substate: string;
  readonly busyPorts: readonly number[];
}

/** Steps that end by themselves soon: commands wait for them instead of being refused. */
const TRANSIENT = new Set(['creating', 'adopting', 'starting', 'pausing', 'unpausing']);

/** Lead to a further run, now or later, for which more would have to be known. */
const STARTS: ReadonlySet<string> = new Set([
  'start',
  'restart',
  'update',
  'connect',
  'disconnect',
]);

export function decideContainer(
  view: View,
  command: ContainerCommand,
  busyPorts: readonly number[] = [],
): Decision {
  const stored = view.state(containerStream(command.id));
  // One whose adoption failed is as if it had never been asked for.
  const state = phaseOf(stored) === 'absent' ? undefined : stored;
  if (command.type === 'create') return create(view, state, command);
  if (command.type === 'adopt') return adopt(state, command);
  if (state === undefined || state.value === 'removed') {
    return refuse({ kind: 'no-such-container', ref: command.id });
  }
  const [phase = '', substate = ''] = phaseOf(state).split('.');
  const subject = {
    view,
    id: command.id,
    context: state.context as ContainerContext,
    phase,
    substate,
    busyPorts,
  };
  if (command.type === 'remove') return remove(subject, command);
  if (subject.context.adopted !== undefined && STARTS.has(command.type)) {
    return refuse({ kind: 'adopted', id: command.id, command: command.type });
  }
  if (TRANSIENT.has(phase)) return defer(phaseOf(state));
  switch (command.type) {
    case 'start':
      return start(view, subject, command);
    case 'stop':
      return stop(subject, command);
    case 'restart':
      return restart(view, subject, command);
    case 'kill':
      return kill(subject, command);
    case 'pause':
      return pause(subject);
    case 'unpause':
      return unpause(subject);
    case 'rename':
      return rename(subject, command);
    case 'update':
      return update(subject, command);
    case 'connect':
    case 'disconnect':
      return plug(subject, command);
    default:
      return command satisfies never;
  }
}

type Asked<T extends ContainerCommand['type']> = Extract<ContainerCommand, { type: T }>;

/** A place is changed while nothing is under way: a stop that has begun is let to its end. */
function plug(
  { view, id, context, phase, substate, busyPorts }: Subject,
  command: Asked<'connect'> | Asked<'disconnect'>,
): Decision {
  if (phase === 'removing')
    return refuse({ kind: 'marked-for-removal', id, command: command.type });
  if (phase === 'stopping' || substate === 'cleaning') return defer(phase);
  return command.type === 'connect'
    ? connect(view, context, phase, command, busyPorts)
    : disconnect(view, context, phase, command);
}

function create(view: View, state: ActorState | undefined, command: Asked<'create'>): Decision {
  if (state !== undefined) {
    return refuse({ kind: 'name-in-use', name: command.name, holder: command.id });
  }
  const gone = volumesOf(command).find(
    (volume) => view.state(volumeStream(volume))?.value !== 'present',
  );
  if (gone !== undefined) return refuse({ kind: 'volume-gone', name: gone.name });
  const { type: _, env, snapshotter, ...asked } = command;
  const made = snapshotter !== undefined && rootWaits(command) ? snapshotter : undefined;
  const later = made === undefined ? {} : { rootLater: true as const };
  const data = { ...asked, ...later, env: env.map((secret) => secret.ref) };
  const [draft, ...rest] = containerFacts(
    command.id,
    { type: 'container.create-requested', data },
    ...(made === undefined ? [] : [created(made)]),
  );
  const own = [nameClaim(command.name), ...imageShares(command.image, command.id)];
  const take = [...own, ...volumeShares(command, command.id)];
  return {
    kind: 'facts',
    drafts: draft === undefined ? [] : [{ ...draft, take }, ...rest],
    secrets: env.filter(({ ref }) => ref.digest !== ''),
  };
}

/** Whether nothing of the image is wanted before it is started, nor a root that may be missing. */
const rootWaits = ({ custom, mounts = [] }: Asked<'create'>): boolean =>
  custom?.root === undefined && !mounts.some(({ copyUp }) => copyUp === true);

const created = (snapshotter: string): ContainerFact => ({
  type: 'container.created',
  data: { snapshotter },
});

/** The name is claimed as for one that is made here. */
function adopt(state: ActorState | undefined, command: Asked<'adopt'>): Decision {
  const { type: _, ...data } = command;
  if (state !== undefined) return refuse({ kind: 'id-known', id: command.id });
  const drafts = containerFacts(command.id, { type: 'container.adopt-requested', data });
  return facts(drafts.map((draft) => ({ ...draft, take: [nameClaim(command.name)] })));
}

function start(view: View, subject: Subject, command: Asked<'start'>): Decision {
  const { id, phase, substate, busyPorts } = subject;
  switch (phase) {
    case 'running':
    case 'stopping':
    case 'restarting':
      return nothing;
    case 'paused':
      return refuse({ kind: 'paused', id, command: 'start' });
    case 'removing':
      return refuse({ kind: 'marked-for-removal', id, command: 'start' });
    default:
      if (substate === 'cleaning') return defer(`${phase}.${substate}`);
      if ('unusable' in command.runtime) return refused(subject.context, command.runtime);
      return facts(
        openRun(view, subject.context, { runtime: command.runtime, busyPorts }, 'start'),
      );
  }
}

/** It stays startable, but for one that removes itself. */
function refused(context: ContainerContext, { unusable }: UnusableRuntime): Decision {
  const { id, hostConfig } = context;
  const goes = { reason: 'auto-remove', force: true, volumes: true } as const;
  return facts([
    ...containerFacts(id, { type: 'container.start-refused', data: unusable }),
    ...(hostConfig.AutoRemove ? removalOf(context, goes) : []),
  ]);
}

export interface RunWith {
  readonly runtime: LockedRuntime;
  readonly busyPorts: readonly number[];
}

/** The facts that begin the next run; the claim on the root is freed when the run is cleaned up. */
export function openRun(
  view: View,
  context: ContainerContext,
  { runtime, busyPorts }: RunWith,
  by: 'start' | 'restart' | 'policy',
): Draft[] {
  const donors = joins(view, context.hostConfig);
  const run = context.run + 1;
  const { endpoints, take, failure } = openEndpoints(view, context, run, busyPorts);
  // Also one that is in no network: it can be connected while it runs.
  const own = hasOwnNetwork(context.hostConfig.NetworkMode);
  const data = {
    run,
    runtime,
    restart: by === 'restart',
    policy: by === 'policy',
    ...(donors === undefined ? {} : { donors }),
    ...(endpoints.length > 0 || (own && failure === null) ? { endpoints } : {}),
    ...(failure === null ? {} : { networkFailure: failure }),
  };
  return containerFacts(context.id, { type: 'container.start-requested', data }).map((draft) => ({
    ...draft,
    take: [rootClaim(context.id), ...take],
  }));
}

function stop({ id, context, phase }: Subject, command: Asked<'stop'>): Decision {
  if (phase === 'created' || phase === 'exited' || phase === 'removing') return nothing;
  if (phase === 'restarting') return cancelRestart(id, context);
  const { signal, timeoutMs } = command;
  const data = { run: context.run, signal, timeoutMs };
  return facts(containerFacts(id, { type: 'container.stop-requested', data }));
}

/** Between two runs there is nothing to signal: what was waited for is called off. */
function cancelRestart(id: string, { run }: ContainerContext): Decision {
  return facts(containerFacts(id, { type: 'container.restart-cancelled', data: { run } }));
}

function restart(view: View, subject: Subject, command: Asked<'restart'>): Decision {
  const { id, context, phase, substate, busyPorts } = subject;
  if (phase === 'removing') return refuse({ kind: 'marked-for-removal', id, command: 'restart' });
  if (phase === 'created' || phase === 'exited' || phase === 'restarting') {
    if (substate === 'cleaning') return defer(`${phase}.${substate}`);
    return facts(openRun(view, context, { runtime: command.runtime, busyPorts }, 'restart'));
  }
  const { signal, timeoutMs, runtime } = command;
  const data = { run: context.run, signal, timeoutMs, runtime };
  return facts(containerFacts(id, { type: 'container.restart-requested', data }));
}

function kill({ id, context, phase }: Subject, command: Asked<'kill'>): Decision {
  if (phase === 'created' || phase === 'exited' || phase === 'removing') {
    return refuse({ kind: 'not-running', id });
  }
  if (phase === 'restarting') return cancelRestart(id, context);
  const { signal } = command;
  const data = { run: context.run, signal, endsPolicy: endsPolicy(context, signal) };
  return facts(containerFacts(id, { type: 'container.kill-requested', data }));
}

function pause({ id, context, phase }: Subject): Decision {
  switch (phase) {
    case 'running': {
      const data = { run: context.run };
      return facts(containerFacts(id, { type: 'container.pause-requested', data }));
    }
    case 'paused':
      return refuse({ kind: 'already-paused', id });
    case 'stopping':
      return defer(phase);
    case 'restarting':
      return refuse({ kind: 'restarting', id });
    case 'removing':
      return refuse({ kind: 'marked-for-removal', id, command: 'pause' });
    default:
      return refuse({ kind: 'not-running', id });
  }
}

function unpause({ id, context, phase }: Subject): Decision {
  if (phase !== 'paused') return refuse({ kind: 'not-paused', id });
  const data = { run: context.run };
  return facts(containerFacts(id, { type: 'container.unpause-requested', data }));
}

function rename({ id, context, phase }: Subject, command: Asked<'rename'>): Decision {
  if (phase === 'removing') return refuse({ kind: 'marked-for-removal', id, command: 'rename' });
  if (context.name === command.name) return refuse({ kind: 'same-name', id });
  const data = { name: command.name, oldName: context.name };
  const drafts = containerFacts(id, { type: 'container.renamed', data });
  return facts(
    drafts.map((draft) => ({
      ...draft,
      free: [nameClaim(context.name)],
      take: [nameClaim(command.name)],
    })),
  );
}

function update({ id, context, phase }: Subject, command: Asked<'update'>): Decision {
  if (phase === 'removing') return refuse({ kind: 'marked-for-removal', id, command: 'update' });
  if (context.updating === true) return defer('task.update');
  const conflict = updateConflict(context, command);
  if (conflict !== undefined) return refuse({ kind: 'update-conflict', id, conflict });
  const { restartPolicy, resources, labels } = command;
  const changes = {
    ...(restartPolicy === undefined ? {} : { restartPolicy }),
    ...(resources === undefined ? {} : { resources }),
    ...(labels === undefined ? {} : { labels }),
  };
  const lives = phase === 'running' || phase === 'paused' || phase === 'stopping';
  if (!lives || resources === undefined) {
    return facts(containerFacts(id, { type: 'container.updated', data: changes }));
  }
  const data = { run: context.run, ...changes };
  return facts(containerFacts(id, { type: 'container.update-requested', data }));
}

/** Legal in every state: a removal that is under way is the only one that is refused (409). */
function remove({ id, context, phase, substate }: Subject, command: Asked<'remove'>): Decision {
  const { force, volumes } = command;
  if (phase === 'removing' && substate !== 'stuck') {
    return refuse({ kind: 'removal-in-progress', id });
  }
  if (!force) {
    if (phase === 'paused') return refuse({ kind: 'paused-needs-force', id });
    if (TRANSIENT.has(phase)) return defer(phase);
    if (phase === 'running' || phase === 'stopping' || phase === 'restarting') {
      return refuse({ kind: 'running-needs-force', id });
    }
  }
  return facts(removalOf(context, { reason: 'caller', force, volumes }));
}

/** The name is free at once, so that nothing is shadowed by a container on its way out. */
export function removalOf(
  context: ContainerContext,
  data: Extract<ContainerFact, { type: 'container.remove-requested' }>['data'],
): Draft[] {
  return containerFacts(context.id, { type: 'container.remove-requested', data }).map((draft) => ({
    ...draft,
    free: [nameClaim(context.name)],
  }));
}
