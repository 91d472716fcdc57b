/**
 * What can happen to a task: one run of a container's process, stream `task/<container id>/<run>`.
 * A diagram of this file: docs/machines/task.md.
 */
import { assertEvent, assign, setup } from 'xstate';
import type { ExitRecord } from './container.facts.ts';
import type { EffectParams } from './effects.ts';
import type { ProcessIdentity, TaskFact } from './task.facts.ts';

export interface TaskContext {
  readonly container: string;
  readonly run: number;
  readonly process: ProcessIdentity;
  readonly exit: ExitRecord | null;
}

export type TaskEvent = {
  [F in TaskFact as F['type']]: { type: F['type'] } & F['data'];
}[TaskFact['type']];

type Arguments = { context: TaskContext };
const none = <P>(_: unknown, _params: P): void => undefined;
const runOf = ({ context }: Arguments): { id: string; run: number } => ({
  id: context.container,
  run: context.run,
});

const start = { type: 'task.start', params: runOf } as const;
const awaitExit = { type: 'task.await-exit', params: runOf } as const;
/** An exit that was learned otherwise (reconcile) ends the wait. */
const noAwait = { type: 'cancel', params: { key: 'task.await-exit' } } as const;
const exited = { target: 'exited', actions: ['exitKept', noAwait] } as const;

export const taskMachine = setup({
  types: { context: {} as TaskContext, events: {} as TaskEvent },
  actions: {
    'task.start': none<EffectParams['task.start']>,
    'task.await-exit': none<EffectParams['task.await-exit']>,
    cancel: none<EffectParams['cancel']>,
    born: assign(({ event }) => {
      assertEvent(event, ['task.created', 'task.adopted']);
      const { container, run, pid, startTime, bootId } = event;
      return { container, run, process: { pid, startTime, bootId }, exit: null };
    }),
    exitKept: assign(({ event }) => {
      assertEvent(event, 'task.exited');
      const { code, atNs, oomKilled, outputEnded, evidence } = event;
      return { exit: { code, atNs, oomKilled, outputEnded, evidence } };
    }),
  },
}).createMachine({
  id: 'task',
  context: { container: '', run: 0, process: { pid: 0, startTime: '', bootId: '' }, exit: null },
  initial: 'absent',
  states: {
    absent: {
      on: {
        'task.created': { target: 'created', actions: ['born', start] },
        'task.adopted': { target: 'running', actions: ['born', awaitExit] },
      },
    },
    created: {
      on: {
        'task.started': { target: 'running', actions: awaitExit },
        'task.start-failed': 'failed',
      },
    },
    running: { on: { 'task.paused': 'paused', 'task.exited': exited } },
    paused: { on: { 'task.resumed': 'running', 'task.exited': exited } },
    /** Its exit is on record; the runtime may forget it now. */
    exited: { on: { 'task.deleted': 'deleted' } },
    failed: { on: { 'task.deleted': 'deleted' } },
    deleted: { type: 'final' },
  },
});
