/**
 * What the outcome of an effect or of a timer means: the facts of the container and of
 * its task, in one append. A late outcome that no longer matters never gets here: the exit and the
 * clean-up close the agenda rows that they make pointless.
 */
import { connectFailed, disconnected } from './container.connect.ts';
import type { ContainerContext } from './container.context.ts';
import {
  containerFacts,
  containerStream,
  nameClaim,
  nothing,
  openRun,
  phaseOf,
  removalOf,
  rootClaim,
  taskStream,
} from './container.decide.ts';
import { donorsComing } from './container.donors.ts';
import type { ContainerFact, ExitRecord, LeftPlace } from './container.facts.ts';
import { volumeShares } from './container.mounts.ts';
import { releasedBy } from './container.networks.ts';
import { putOffFor, restartByPolicy } from './container.policy.ts';
import type { Decision, Input, View } from './decision.ts';
import type { EffectData, EffectParams, HandledEffectType } from './effects.ts';
import { imageShares } from './image.claims.ts';
import { startFailureCode, startFailureMessage } from './startFailure.ts';
import type { TaskFact } from './task.facts.ts';
import type { TaskContext } from './task.machine.ts';
import { type VolumeRef, volumeClaim } from './volume.claims.ts';
import type { Draft, EffectError } from './words.ts';

type Outcome = Extract<Input, { kind: 'outcome' }>;

/** What is known of the family when an outcome or an observation arrives. */
export interface Known {
  readonly view: View;
  readonly id: string;
  readonly run: number;
  readonly context: ContainerContext;
  readonly phase: string;
  /** State of the run's task; `absent` if none was created. */
  readonly task: string;
  /** That a port of no choice is not. */
  readonly busyPorts: readonly number[];
}

export function decideOutcome(view: View, outcome: Outcome): Decision {
  const id = String(outcome.effect.params['id'] ?? outcome.stream.split('/')[1]);
  const state = view.state(containerStream(id));
  if (state === undefined) return nothing;
  const context = state.context as ContainerContext;
  const run = context.run;
  const task = phaseOf(view.state(taskStream(id, run)));
  const { busyPorts = [] } = outcome;
  const known = { view, id, run, context, phase: phaseOf(state), task, busyPorts };
  if (outcome.effect.type === 'timer') return timer(known, String(outcome.effect.params['key']));
  return effectDone(known, outcome);
}

/** Every effect that a container or its task asks for, with the meaning of either outcome. */
type Meaning<T extends HandledEffectType> = {
  readonly done: (known: Known, data: EffectData[T], params: EffectParams[T]) => Decision;
  readonly failed: (known: Known, error: EffectError, params: EffectParams[T]) => Decision;
};
type ContainerEffects = Exclude<
  HandledEffectType,
  | `image.${string}`
  | `exec.${string}`
  | `health.${string}`
  | `network.${string}`
  | `volume.${string}`
>;

const MEANINGS: { readonly [T in ContainerEffects]: Meaning<T> } = {
  'root.prepare': {
    done: ({ id }, { snapshotter }) =>
      own(id, { type: 'container.created', data: { snapshotter } }),
    failed: ({ id, context }, { message }) =>
      facts(
        containerFacts(id, { type: 'container.create-failed', data: { message } }).map((draft) => ({
          ...draft,
          free: [nameClaim(context.name), ...sharesOf(context)],
        })),
      ),
  },
  'run.adopt': {
    done: adopted,
    failed: ({ id, context }, { message }) =>
      facts(
        containerFacts(id, {
          type: 'container.adopt-failed',
          data: { message, again: true },
        }).map((draft) => ({ ...draft, free: [nameClaim(context.name)] })),
      ),
  },
  'task.create': {
    done: ({ id, run }, { pid, startTime, bootId }) =>
      facts(
        taskFacts(id, run, {
          type: 'task.created',
          data: { container: id, run, pid, startTime, bootId },
        }),
      ),
    failed: (known, error) => facts(startFailed(known, error.message)),
  },
  'task.start': {
    done: started,
    failed: (known, error) => {
      const { id, run } = known;
      const data = { message: error.message };
      return facts([
        ...taskFacts(id, run, { type: 'task.start-failed', data }),
        ...startFailed(known, error.message),
      ]);
    },
  },
  'task.await-exit': {
    done: exited,
    failed: (known, error) => exited(known, unknownExit(error.message)),
  },
  'task.kill': {
    done: ({ id, run }, _, { signal }) =>
      own(id, { type: 'container.signalled', data: { run, signal } }),
    failed: ({ id, run }, { message }, { signal }) =>
      own(id, { type: 'container.signal-failed', data: { run, signal, message } }),
  },
  'task.pause': {
    done: (known) => paused(known),
    failed: ({ id, run }, { message }) =>
      own(id, { type: 'container.pause-failed', data: { run, message } }),
  },
  'task.resume': {
    done: (known) => unpaused(known),
    failed: unpauseFailed,
  },
  'task.update': {
    done: ({ id }, _, { changes }) => own(id, { type: 'container.updated', data: changes }),
    failed: ({ id, run }, { message }) =>
      own(id, { type: 'container.update-failed', data: { run, message } }),
  },
  'run.record': {
    done: ({ id, run }) => own(id, { type: 'container.record-restored', data: { run } }),
    failed: ({ id, run }, { message }) =>
      own(id, { type: 'container.record-failed', data: { run, message } }),
  },
  'run.clean': {
    done: cleaned,
    failed: ({ id, run }, { message }) =>
      own(id, { type: 'container.clean-failed', data: { run, message } }),
  },
  'endpoint.attach': {
    done: ({ id, run }, _, { network }) =>
      own(id, { type: 'container.connected', data: { run, network } }),
    failed: ({ view, context }, { message }, { network }) =>
      connectFailed(view, context, network, message),
  },
  'endpoint.detach': {
    done: ({ context }, _, { network }) => disconnected(context, network),
    failed: ({ id, run }, { message }, { network }) =>
      own(id, { type: 'container.disconnect-failed', data: { run, network, message } }),
  },
  'container.erase': {
    done: erased,
    failed: ({ id }, { message }) =>
      own(id, { type: 'container.remove-failed', data: { message } }),
  },
};

function effectDone(known: Known, { effect, result }: Outcome): Decision {
  const meaning = (MEANINGS as Record<string, Meaning<never> | undefined>)[effect.type];
  if (meaning === undefined) return nothing;
  const params = effect.params as never;
  return result.ok
    ? meaning.done(known, result.data as never, params)
    : meaning.failed(known, result.error, params);
}

const facts = (drafts: readonly Draft[]): Decision => ({ kind: 'facts', drafts });
const own = (id: string, ...list: readonly ContainerFact[]): Decision =>
  facts(containerFacts(id, ...list));

function taskFacts(id: string, run: number, ...list: readonly TaskFact[]): Draft[] {
  return list.map((fact) => ({ stream: taskStream(id, run), fact }));
}

const unknownExit = (evidence: string): ExitRecord => ({
  code: null,
  atNs: null,
  oomKilled: false,
  outputEnded: false,
  evidence,
});

function started(known: Known, { atNs = null }: Partial<EffectData['task.start']>): Decision {
  const { view, id, run, context } = known;
  const task = view.state(taskStream(id, run))?.context as TaskContext | undefined;
  const pid = task?.process.pid ?? 0;
  const restart = context.restarting;
  return facts([
    ...taskFacts(id, run, { type: 'task.started', data: {} }),
    ...containerFacts(id, { type: 'container.started', data: { run, pid, restart, atNs } }),
  ]);
}

/** One that is frozen runs, as far as runs go, and then is paused. */
function adopted({ id, run }: Known, { task, atNs }: EffectData['run.adopt']): Decision {
  const alive = task !== null;
  const pid = task?.pid ?? 0;
  const own = containerFacts(id, { type: 'container.adopted', data: { run, alive, pid, atNs } });
  if (!alive) return facts(own);
  const { paused, ...process } = task;
  const data = { container: id, run, ...process };
  return facts([
    ...taskFacts(id, run, { type: 'task.adopted', data }),
    ...own,
    ...(paused ? taskFacts(id, run, { type: 'task.paused', data: {} }) : []),
    ...(paused ? containerFacts(id, { type: 'container.paused', data: { run } }) : []),
  ]);
}

/** Absent from the rows of those that were in no network. */
function leaving({ endpoints = [] }: ContainerContext): { places?: readonly LeftPlace[] } {
  if (endpoints.length === 0) return {};
  return { places: endpoints.map(({ network, name, driver }) => ({ network, name, driver })) };
}

/** A container that removes itself does so after a failed start as well, before anybody is told. */
function startFailed({ id, run, context, phase }: Known, message: string): Draft[] {
  const exitCode = startFailureCode(message);
  const data = { run, message: startFailureMessage(message), exitCode, ...leaving(context) };
  const failed = containerFacts(id, { type: 'container.start-failed', data });
  return [...failed, ...autoRemoval(context, phase)];
}

function autoRemoval(context: ContainerContext, phase: string): Draft[] {
  if (!context.hostConfig.AutoRemove || phase.startsWith('removing')) return [];
  if (context.restartWith !== null) return [];
  return removalOf(context, { reason: 'auto-remove', force: true, volumes: true });
}

function exited(known: Known, exit: ExitRecord): Decision {
  const { id, run, context, phase } = known;
  // An exit overtakes the answer to the signal that caused it: the signal is logged first.
  if (context.signals > 0) return { kind: 'defer', waitingFor: 'task.kill' };
  // A signal that was pending while it was frozen ends it as soon as it is thawed: likewise.
  if (phase === 'unpausing') return { kind: 'defer', waitingFor: 'task.resume' };
  const { code, atNs, outputEnded, evidence, ...killed } = exit;
  const oomKills = Math.max(killed.oomKills ?? 0, context.oomKills ?? 0);
  const oomKilled = killed.oomKilled || oomKills > 0;
  const record = { code, atNs, oomKilled, oomKills, outputEnded, evidence };
  const next = phase.startsWith('removing') ? null : restartByPolicy(context, record);
  return facts([
    ...taskFacts(id, run, { type: 'task.exited', data: record }),
    ...newKills(context, oomKills),
    ...containerFacts(id, {
      type: 'container.exited',
      data: { run, asked: context.asked, next, ...record, ...leaving(context) },
    }),
    ...autoRemoval(context, phase),
  ]);
}

/** What was told of already is not told again. */
export function newKills({ id, run, oomKills = 0 }: ContainerContext, kills: number): Draft[] {
  if (kills <= oomKills) return [];
  return containerFacts(id, { type: 'container.oom-killed', data: { run, kills } });
}

export function paused({ id, run, task }: Known): Decision {
  return facts([
    ...(task === 'running' ? taskFacts(id, run, { type: 'task.paused', data: {} }) : []),
    ...containerFacts(id, { type: 'container.paused', data: { run } }),
  ]);
}

export function unpaused({ id, run, task }: Known): Decision {
  return facts([
    ...(task === 'paused' ? taskFacts(id, run, { type: 'task.resumed', data: {} }) : []),
    ...containerFacts(id, { type: 'container.unpaused', data: { run } }),
  ]);
}

const sharesOf = (context: ContainerContext) => [
  ...imageShares(context.image, context.id),
  ...volumeShares(context, context.id),
];

/** What it takes along: volumes that nobody gave a name, unless another container has them, too. */
function ownVolumes(view: View, context: ContainerContext): readonly VolumeRef[] {
  const { mounts = [], removal } = context;
  if (removal?.volumes !== true) return [];
  const mine = containerStream(context.id);
  return mounts.flatMap(({ volume, anonymous = false }) => {
    if (volume === undefined || !anonymous) return [];
    return view.sharers(volumeClaim(volume)).some((one) => one !== mine) ? [] : [volume];
  });
}

/** With the container its environment goes: the log keeps the names and the digests. */
function erased({ view, id, context }: Known): Decision {
  const erase = context.env.map(({ digest }) => digest);
  const volumes = ownVolumes(view, context);
  const data = volumes.length === 0 ? {} : { volumes };
  const removed = containerFacts(id, { type: 'container.removed', data });
  const free = sharesOf(context);
  return facts(removed.map((draft) => ({ ...draft, erase, free })));
}

/** A stop that was given up left it running, for all that the log knew; it is frozen still. */
function unpauseFailed({ id, run, phase, task }: Known, { message }: EffectError): Decision {
  const frozen = phase === 'running' && task === 'paused';
  return own(
    id,
    { type: 'container.unpause-failed', data: { run, message } },
    ...(frozen ? [{ type: 'container.paused' as const, data: { run } }] : []),
  );
}

function cleaned(known: Known): Decision {
  const { view, id, run, context, phase, task, busyPorts } = known;
  const alive = task === 'running' || task === 'paused' || task === 'created';
  // Removed by force without an exit ever seen: nobody can know its code any more, and it is said.
  const lost = unknownExit('cleaned up before its exit was read');
  const ended =
    alive && task !== 'created' ? taskFacts(id, run, { type: 'task.exited', data: lost }) : [];
  const exit: Draft[] =
    ended.length === 0
      ? []
      : containerFacts(id, {
          type: 'container.exited',
          data: { run, asked: context.asked, next: null, ...lost, ...leaving(context) },
        });
  const forgotten =
    task === 'absent' || task === 'deleted'
      ? []
      : taskFacts(id, run, { type: 'task.deleted', data: {} });
  const done = containerFacts(id, { type: 'container.cleaned', data: { run } }).map((draft) => ({
    ...draft,
    free: [rootClaim(id), ...releasedBy(context)],
  }));
  const next =
    context.restartWith !== null && phase === 'exited.cleaning'
      ? openRun(view, context, { runtime: context.restartWith, busyPorts }, 'restart')
      : [];
  return facts([...ended, ...exit, ...forgotten, ...done, ...next]);
}

function restartDue({ view, context, busyPorts }: Known): Decision {
  const { id, run, runtime } = context;
  if (runtime === null) return nothing;
  const inMs = putOffFor(context, donorsComing(view, context.hostConfig));
  if (inMs !== null) return own(id, { type: 'container.restart-postponed', data: { run, inMs } });
  return facts(openRun(view, context, { runtime, busyPorts }, 'policy'));
}

function timer(known: Known, key: string): Decision {
  const { id, run, phase, context } = known;
  switch (key) {
    case 'stop':
      return own(id, { type: 'container.stop-timed-out', data: { run } });
    case 'kill': {
      if (phase.startsWith('removing')) {
        return own(id, { type: 'container.kill-timed-out', data: { run } });
      }
      const message = 'tried to kill container, but did not receive an exit event';
      return own(id, { type: 'container.stop-failed', data: { run, message } });
    }
    case 'restart':
      return restartDue(known);
    case 'retry': {
      const again = phase === 'removing.stuck' ? (context.stuckIn ?? 'clean') : 'clean';
      return own(id, { type: 'container.retry-due', data: { step: again } });
    }
    default:
      return nothing;
  }
}
