/** What the container machine asks of the world: XState actions with their params, as data. */
import type { ContainerChanges } from './container.config.ts';
import type { ContainerContext } from './container.context.ts';
import type { ContainerEvent } from './container.setup.ts';
import type { EffectParams } from './effects.ts';
import type { EndpointRef } from './network.config.ts';

export const SIGKILL = 9;
/** After SIGKILL, how long until nobody waits for the exit any more (lifecycle: 10 s). */
const KILL_GRACE_MS = 10_000;
/** How long until a clean-up or erasure that failed is tried again. */
const RETRY_MS = 5_000;

type Arguments = { context: ContainerContext; event: ContainerEvent };
const none = <P>(_: unknown, _params: P): void => undefined;

/** XState wants an implementation for each action; ours are data that the agenda carries out. */
export const noEffects = {
  'root.prepare': none<EffectParams['root.prepare']>,
  'run.adopt': none<EffectParams['run.adopt']>,
  'task.create': none<EffectParams['task.create']>,
  'task.kill': none<EffectParams['task.kill']>,
  'task.pause': none<EffectParams['task.pause']>,
  'task.resume': none<EffectParams['task.resume']>,
  'task.update': none<EffectParams['task.update']>,
  'run.record': none<EffectParams['run.record']>,
  'run.clean': none<EffectParams['run.clean']>,
  'container.erase': none<EffectParams['container.erase']>,
  'endpoint.attach': none<EffectParams['endpoint.attach']>,
  'endpoint.detach': none<EffectParams['endpoint.detach']>,
  timer: none<EffectParams['timer']>,
  cancel: none<EffectParams['cancel']>,
} as const;

const idOf = ({ context }: Arguments): { id: string } => ({ id: context.id });
const runOf = ({ context }: Arguments): { id: string; run: number } => ({
  id: context.id,
  run: context.run,
});

export const prepare = { type: 'root.prepare', params: idOf } as const;
export const adopt = { type: 'run.adopt', params: runOf } as const;
export const create = { type: 'task.create', params: runOf } as const;
export const pause = { type: 'task.pause', params: runOf } as const;
export const unpause = { type: 'task.resume', params: runOf } as const;
export const record = { type: 'run.record', params: runOf } as const;
export const clean = { type: 'run.clean', params: runOf } as const;
export const erase = { type: 'container.erase', params: idOf } as const;

/** The network that the fact names. */
const networkOf = (from: Arguments): EndpointRef => {
  const { event } = from;
  const named = 'network' in event ? event.network : '';
  return { ...runOf(from), network: 'endpoint' in event ? event.endpoint.network : named };
};
export const attach = { type: 'endpoint.attach', params: networkOf } as const;
export const detach = { type: 'endpoint.detach', params: networkOf } as const;

export const sigkill = {
  type: 'task.kill',
  params: (from: Arguments) => ({ ...runOf(from), signal: SIGKILL }),
} as const;

/** The changes that the fact names. */
export const update = {
  type: 'task.update',
  params: (from: Arguments) => ({
    ...runOf(from),
    changes: from.event.type === 'container.update-requested' ? changesOf(from.event) : {},
  }),
} as const;

function changesOf({ restartPolicy, resources }: ContainerChanges): ContainerChanges {
  return {
    ...(restartPolicy === undefined ? {} : { restartPolicy }),
    ...(resources === undefined ? {} : { resources }),
  };
}

/** The signal that the fact names. */
export const requestedSignal = {
  type: 'task.kill',
  params: (from: Arguments) => ({
    ...runOf(from),
    signal: 'signal' in from.event ? from.event.signal : SIGKILL,
  }),
} as const;

/** Until SIGKILL follows the stop signal. */
export const stopTimer = {
  type: 'timer',
  params: ({ event }: Arguments) => ({
    key: 'stop',
    ms: 'timeoutMs' in event ? (event.timeoutMs ?? 0) : 0,
  }),
} as const;
/** Until nobody waits for the exit that SIGKILL should have brought. */
export const killTimer = { type: 'timer', params: { key: 'kill', ms: KILL_GRACE_MS } } as const;
export const retryClean = { type: 'timer', params: { key: 'retry', ms: RETRY_MS } } as const;
export const retryErase = { type: 'timer', params: { key: 'retry', ms: RETRY_MS } } as const;

/** Until the restart policy starts it again. */
export const restartTimer = {
  type: 'timer',
  params: ({ context }: Arguments) => ({ key: 'restart', ms: context.backoffMs }),
} as const;
/** Until it is looked again whether what it joins runs. */
export const putOff = {
  type: 'timer',
  params: ({ event }: Arguments) => ({ key: 'restart', ms: 'inMs' in event ? event.inMs : 0 }),
} as const;
export const noRestart = { type: 'cancel', params: { key: 'restart' } } as const;

export const noStop = { type: 'cancel', params: { key: 'stop' } } as const;
export const noKill = { type: 'cancel', params: { key: 'kill' } } as const;
export const noPause = { type: 'cancel', params: { key: 'task.pause' } } as const;
export const noUnpause = { type: 'cancel', params: { key: 'task.resume' } } as const;
export const noRecord = { type: 'cancel', params: { key: 'run.record' } } as const;
export const noAttach = { type: 'cancel', params: { key: 'endpoint.attach' } } as const;
export const noDetach = { type: 'cancel', params: { key: 'endpoint.detach' } } as const;
export const noRetry = { type: 'cancel', params: { key: 'retry' } } as const;
