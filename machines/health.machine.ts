/**
 * The health of a container in one run, stream `health/<container id>/<run>`: it begins with the
 * run and ends with it. One `health.watch` is open as long as it is watched; its handler probes,
 * and answers when a probe changed something. A diagram of this file: docs/machines/health.md.
 */
import { assertEvent, assign, setup } from 'xstate';
import type { EffectParams } from './effects.ts';
import type { HealthCheck } from './health.check.ts';
import type { HealthFact, HealthStatus } from './health.facts.ts';

export interface HealthContext {
  readonly container: string;
  readonly run: number;
  readonly check: HealthCheck;
  readonly startedAtNs: string | null;
  readonly status: HealthStatus;
  /** Failures in a row until it became unhealthy; those that follow are not facts. */
  readonly streak: number;
}

export type HealthEvent = {
  [F in HealthFact as F['type']]: { type: F['type'] } & F['data'];
}[HealthFact['type']];

/** How long until a watch that broke is begun again. */
const RETRY_MS = 30_000;

const UNBORN: HealthContext = {
  container: '',
  run: 0,
  check: {
    argv: [],
    intervalMs: 0,
    timeoutMs: 0,
    startPeriodMs: 0,
    startIntervalMs: 0,
    retries: 0,
  },
  startedAtNs: null,
  status: 'starting',
  streak: 0,
};

type Arguments = { context: HealthContext };
const none = <P>(_: unknown, _params: P): void => undefined;
const runOf = ({ context }: Arguments): EffectParams['health.watch'] => ({
  id: context.container,
  run: context.run,
});

const watch = { type: 'health.watch', params: runOf } as const;
const clean = { type: 'health.clean', params: runOf } as const;
const retry = { type: 'timer', params: { key: 'retry', ms: RETRY_MS } } as const;
const noWatch = { type: 'cancel', params: { key: 'health.watch' } } as const;
const noRetry = { type: 'cancel', params: { key: 'retry' } } as const;

const watched = {
  'health.passed': { target: 'healthy', actions: ['passKept', watch] },
  'health.failed': [
    { guard: 'turnsUnhealthy', target: 'unhealthy', actions: ['failureKept', watch] },
    { actions: ['failureKept', watch] },
  ],
  'health.watch-failed': { actions: ['noted', retry] },
  'health.retry-due': { actions: ['noted', watch] },
  'health.suspended': { target: 'suspended', actions: ['shownUnhealthy', noWatch, noRetry] },
  'health.ended': { target: 'ending', actions: ['shownUnhealthy', noWatch, noRetry, clean] },
} as const;

export const healthMachine = setup({
  types: { context: {} as HealthContext, events: {} as HealthEvent },
  actions: {
    'health.watch': none<EffectParams['health.watch']>,
    'health.clean': none<EffectParams['health.clean']>,
    timer: none<EffectParams['timer']>,
    cancel: none<EffectParams['cancel']>,
    /** A fact that is legal here and changes nothing but the record. */
    noted: assign({}),
    born: assign(({ event }) => {
      assertEvent(event, 'health.watched');
      const { container, run, check, startedAtNs } = event;
      return { ...UNBORN, container, run, check, startedAtNs };
    }),
    passKept: assign({ status: 'healthy', streak: 0 }),
    failureKept: assign(({ event }) => {
      assertEvent(event, 'health.failed');
      return { status: event.status, streak: event.streak };
    }),
    /** Docker calls what it does not watch unhealthy, without an event. */
    shownUnhealthy: assign({ status: 'unhealthy' }),
  },
  guards: {
    turnsUnhealthy: ({ event }) => event.type === 'health.failed' && event.status === 'unhealthy',
  },
}).createMachine({
  id: 'health',
  context: UNBORN,
  initial: 'absent',
  states: {
    absent: { on: { 'health.watched': { target: 'starting', actions: ['born', watch] } } },
    starting: { on: watched },
    healthy: { on: watched },
    unhealthy: { on: watched },
    suspended: {
      on: {
        'health.resumed': { target: 'unhealthy', actions: watch },
        'health.ended': { target: 'ending', actions: clean },
      },
    },
    /** What the last probe may have left is given back. */
    ending: { on: { 'health.cleaned': 'over' } },
    over: { type: 'final' },
  },
});
