/**
 * What can happen to an exec, stream `exec/<container id>/<exec id>`. It is started once at most.
 * A diagram of this file: docs/machines/exec.md.
 */
import { assertEvent, assign, setup } from 'xstate';
import type { SecretRef } from './container.config.ts';
import type { ExitRecord, StartFailure } from './container.facts.ts';
import type { EffectParams } from './effects.ts';
import type { ExecConfig, ExecFact } from './exec.facts.ts';

export interface ExecContext {
  readonly execId: string;
  readonly container: string;
  readonly run: number;
  readonly config: ExecConfig;
  readonly env: readonly SecretRef[];
  readonly detach: boolean;
  readonly pid: number;
  readonly failure: StartFailure | null;
  readonly exit: ExitRecord | null;
}

export type ExecEvent = {
  [F in ExecFact as F['type']]: { type: F['type'] } & F['data'];
}[ExecFact['type']];

/** How long until a clean-up that failed is tried again. */
const RETRY_MS = 5_000;

const UNBORN: ExecContext = {
  execId: '',
  container: '',
  run: 0,
  config: {
    Cmd: [],
    User: '',
    WorkingDir: '',
    Privileged: false,
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    DetachKeys: '',
  },
  env: [],
  detach: false,
  pid: 0,
  failure: null,
  exit: null,
};

type Arguments = { context: ExecContext };
const none = <P>(_: unknown, _params: P): void => undefined;
const itself = ({ context }: Arguments): EffectParams['exec.start'] => ({
  id: context.container,
  run: context.run,
  exec: context.execId,
});

const start = { type: 'exec.start', params: itself } as const;
const awaitExit = { type: 'exec.await-exit', params: itself } as const;
const clean = { type: 'exec.clean', params: itself } as const;
const retry = { type: 'timer', params: { key: 'retry', ms: RETRY_MS } } as const;

/** The process is over; what it used is given back. */
const cleaning = {
  'exec.cleaned': 'gone',
  'exec.clean-failed': { actions: ['noted', retry] },
  'exec.retry-due': { actions: ['noted', clean] },
} as const;

export const execMachine = setup({
  types: { context: {} as ExecContext, events: {} as ExecEvent },
  guards: {
    over: ({ event }) => event.type === 'exec.started' && event.over === true,
  },
  actions: {
    'exec.start': none<EffectParams['exec.start']>,
    'exec.await-exit': none<EffectParams['exec.await-exit']>,
    'exec.clean': none<EffectParams['exec.clean']>,
    timer: none<EffectParams['timer']>,
    /** A fact that is legal here and changes nothing but the record. */
    noted: assign({}),
    born: assign(({ event }) => {
      assertEvent(event, 'exec.created');
      const { execId, container, run, config, env } = event;
      return { ...UNBORN, execId, container, run, config, env };
    }),
    startKept: assign(({ event }) => {
      assertEvent(event, 'exec.start-requested');
      return { detach: event.detach };
    }),
    pidKept: assign(({ event }) => {
      assertEvent(event, 'exec.started');
      return { pid: event.pid };
    }),
    failureKept: assign(({ event }) => {
      assertEvent(event, 'exec.start-failed');
      return { failure: { message: event.message, exitCode: event.exitCode } };
    }),
    exitKept: assign(({ event }) => {
      assertEvent(event, 'exec.exited');
      const { code, atNs, oomKilled, outputEnded, evidence } = event;
      return { pid: 0, exit: { code, atNs, oomKilled, outputEnded, evidence } };
    }),
  },
}).createMachine({
  id: 'exec',
  context: UNBORN,
  initial: 'absent',
  states: {
    absent: { on: { 'exec.created': { target: 'created', actions: 'born' } } },
    created: {
      on: { 'exec.start-requested': { target: 'starting', actions: ['startKept', start] } },
    },
    starting: {
      on: {
        'exec.started': [
          { guard: 'over', target: 'running', actions: 'pidKept' },
          { target: 'running', actions: ['pidKept', awaitExit] },
        ],
        'exec.start-failed': { target: 'failed', actions: ['failureKept', clean] },
      },
    },
    running: { on: { 'exec.exited': { target: 'exited', actions: ['exitKept', clean] } } },
    exited: { on: cleaning },
    failed: { on: cleaning },
    gone: { type: 'final' },
  },
});
